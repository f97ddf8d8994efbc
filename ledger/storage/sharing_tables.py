"""The tables of grants, requests and their answers."""

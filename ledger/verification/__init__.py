"""Containers, trust files and the verifier: bytes and a trust file in, a verdict out, nothing else needed."""

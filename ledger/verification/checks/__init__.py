"""The checks of a verdict, one module each: facts that earlier ones proved go in, a Check comes out."""

"""What the log holds, by subject and stream, and who may read it: tables made from the log."""

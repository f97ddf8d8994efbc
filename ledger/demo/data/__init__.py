"""The demo's evidence, made in the true formats from the figures in `facts.toml`; needs the `demo` extra."""

from ledger.demo.data.dossier import dossier_files
from ledger.demo.data.evidence_file import EvidenceFile
from ledger.demo.data.index import Files
from ledger.demo.data.otherwise import other_files

__all__ = ["EvidenceFile", "Files", "dossier_files", "other_files"]

"""The knowledge base: YAML text with positions, its schema, and the loaded categories."""

from __future__ import annotations

from physprior.knowledge.comments import Comment
from physprior.knowledge.diagnostic import Diagnostic, Position
from physprior.knowledge.folders import place_category, place_class
from physprior.knowledge.load import Entry, KnowledgeBase, load_entry, load_knowledge
from physprior.knowledge.schema import NORMAL, Anomaly, Category, Normal
from physprior.knowledge.source import Source, parse_source, read_source
from physprior.knowledge.vocabulary import Vocabulary, load_vocabulary, read_vocabulary

__all__ = [
    "NORMAL",
    "Anomaly",
    "Category",
    "Comment",
    "Diagnostic",
    "Entry",
    "KnowledgeBase",
    "Normal",
    "Position",
    "Source",
    "Vocabulary",
    "load_entry",
    "load_knowledge",
    "load_vocabulary",
    "parse_source",
    "place_category",
    "place_class",
    "read_source",
    "read_vocabulary",
]

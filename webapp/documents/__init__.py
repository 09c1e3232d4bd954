"""Reports, signing and dispatch of documents."""

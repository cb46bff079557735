"""A trained network cut at a layer and given a new head; what of it learns; how alike other images look to it."""

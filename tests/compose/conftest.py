def pytest_collection_modifyitems(config, items):
    """The system test takes minutes and a Docker daemon: it runs when it is asked for by its marker, and else not."""
    if "compose" in config.option.markexpr:
        return
    asked_for = [item for item in items if item.get_closest_marker("compose") is None]
    config.hook.pytest_deselected(items=[item for item in items if item not in asked_for])
    items[:] = asked_for

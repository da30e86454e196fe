"""Elements that a page hides from its readers, by attribute, style or class."""

import re
from functools import lru_cache

# Styles under which text takes no room or is clipped away: https://www.w3.org/WAI/tutorials/forms/labels/#note-on-hiding-elements
_STYLE = re.compile(
    r"display:none|visibility:(?:hidden|collapse)|transform:scale\(0\)|opacity:0(?![.\d])|font-size:0(?![.\d])|clip:rect\((?:0|1px)|clip-path:(?:inset\((?:50|100)%|polygon\(0(?:px|%)?0|circle\(0)"
    r"|(?<![-\w])(?:max-)?height:0(?![.\d]).*overflow:hidden|overflow:hidden.*(?<![-\w])(?:max-)?height:0(?![.\d])"
    r"|(?:left|top|right|text-indent):-\d{3,}|(?<![-\w])width:[01]px.*overflow:hidden|overflow:hidden.*(?<![-\w])width:[01]px"
)
# The text of an icon font names the picture that is shown: https://developers.google.com/fonts/docs/material_symbols
_CLASS = re.compile(
    r"^(?:[\w-]*(?:^|[-_])(?:sr-?only|screen-?reader(?:-?(?:text|only))?|visually-?hidden|hidden-?visually|visibly-?hidden|"
    r"hide-?visually|visually-?hide|element-invisible|off-?screen|assistive(?:-?text)?|a11y(?:-?(?:hidden|text|only))?|"
    r"accessib(?:le|ly|ility)-?(?:text|hidden)|hidden-accessible|for-sr|access-?hide|text-hide|non-?visual|only-sr)(?:[-_]\w+)?|material-(?:icons|symbols)(?:-[a-z]+)*|sr|aural|vh|d-none|hidden|invisible|is-hidden|u-hidden|hide)$"
)
# Of frameworks: shown on paper only, to readers of the screen only, or to nobody yet.
_OF_FRAMEWORKS = re.compile(
    r"^(?:uk-hidden|ng-hide|is-invisible)$|(?:show-for-|visible-)print(?:-(?:inline-)?block|-inline)?$|print-?only$|only-print$|^elementor-screen-only$"
)
# "hidden md:inline" and "d-none d-lg-block" hide on small screens only.
_RESPONSIVE = re.compile(r"(?:^|[\s:-])(?:xs|sm|md|lg|xl|xxl|mobile|tablet|desktop|phone)(?:[\s:-]|$)")


def is_hidden(attributes: dict[str, str | None]) -> bool:
    """Returns whether an element with these attributes is hidden by itself."""
    if "hidden" in attributes:
        return attributes["hidden"] != "until-found"
    if attributes.get("role") == "tooltip" or "popover" in attributes:
        return True
    style, class_names = attributes.get("style"), attributes.get("class")
    return bool(style and hides(style)) or bool(class_names and _class_hides(class_names))


@lru_cache(maxsize=1_000)
def hides(style: str) -> bool:
    """Returns whether a style makes an element invisible; its first 1,000 characters are read."""
    return _STYLE.search(re.sub(r"\s", "", style[:1_000].lower())) is not None


@lru_cache(maxsize=20_000)
def _class_hides(class_names: str) -> bool:
    names = class_names[:300].lower().replace("_", "-").split()
    is_hidden_name = any(map(_CLASS.match, names)) and not _RESPONSIVE.search(class_names)
    return is_hidden_name or any(map(_OF_FRAMEWORKS.search, names))

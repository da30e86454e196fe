"""The canary: a page of our own, which goes through all stages every minute and shows where they stick."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

# Answered however busy the reader is: what is tested are the stages.
router = APIRouter(tags=["status"])

_PAGE = """<!doctype html><html lang="en"><head><title>The canary of this minute</title>
<meta name="robots" content="noindex"><meta property="og:type" content="article"></head>
<body><main><article><h1>The canary of this minute</h1>
<p>This page goes from the scheduler to the fetcher, from the fetcher to the parser, and from the parser to the storage,
once a minute, as every article does. It is stored nowhere and shown to nobody.</p>
<p>When it stops somewhere, articles stop there, too. The metric of the heartbeat names the stage that it left last,
and the runbook tells what to look at next in the stage after it.</p></article></main></body></html>"""


@router.get("/canary", response_class=HTMLResponse, include_in_schema=False)
async def canary() -> HTMLResponse:
    """The canary's page."""
    return HTMLResponse(_PAGE, headers={"Cache-Control": "no-store"})

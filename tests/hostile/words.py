"""Words of each format that a door takes, and what breaks readers of it."""

from collections.abc import Sequence


def encoded(words: Sequence[str]) -> tuple[bytes, ...]:
    return tuple(word.encode("utf-8", "surrogatepass") for word in words)


XML_WORDS = encoded((
    "<item>", "</item>", "<item/>", "<entry>", "<url>", "</url>", "<sitemap>", "<loc>", "</loc>", "<link>", "<guid>", "<title>", "</title>",
    "<description>", "<content:encoded>", "<![CDATA[", "]]>", "<!--", "-->", "<?xml version='1.0' encoding='utf-7'?>", "<!DOCTYPE r [",
    "<!ENTITY a 'b'>", "&a;", "&#0;", "&#xD800;", "&#99999999;", "&nbsp;", "&", "xmlns:x='", " xml:base='javascript:'", "\x00", "\ufffe", "\ud7ff",
    "http://[", "//", "javascript:alert(1)", "data:text/html,", "file:///etc/passwd", "-999999999999", "0000-00-00", "2026-02-31T25:61:61Z",
    "Mon, 99 Foo 99999 99:99:99 +9999", "<enclosure url='x' type='image/png'/>", "<media:thumbnail url='//[::1'/>", "<rss>", "</rss>", "<feed>",
    "<ttl>", "<skipHours>", "<sy:updatePeriod>", "<author>", "<dc:creator>", "<category>",
))  # fmt: skip
HTML_WORDS = encoded((
    "<p>", "</p>", "<div>", "<table>", "<td>", "<b>", "<article>", "<h1>", "<time datetime='", "<script type='application/ld+json'>",
    "</script>", "<meta name='author' content='", "<meta property='article:published_time' content='", "<template>", "<svg>", "<math>",
    "<img srcset='", "<link rel=canonical href='", "<base href='", "<!--", "-->", "<![CDATA[", "&#0;", "&#xD800;", "&#99999999999;",
    "\x00", "\ud800", "\u202e", '"@graph":[', '"articleBody":"', '"datePublished":', "1e999", "\\ud800", "NaN", "-0001-00-00", "24:60",
))  # fmt: skip
JSON_WORDS = encoded(
    (
        '"',
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "\\",
        "\\ud800",
        "1e999",
        "NaN",
        "null",
        '"items":[',
        '"url":',
        '"title":',
        '"authors":',
    )
)
ROBOTS_WORDS = encoded((
    "User-agent: ", "user agent ", "Disallow: ", "Allow: /", "*", "$", "/", "%", "%2F", "#", "\n", "\r", "\u2028", "\x00", "\ufeff", "Sitemap: ",
    "Crawl-delay: nan", "Crawl-delay: 1e999", "Crawl-delay: -1", "Request-rate: 1/0", "Visit-time: 99-0", "http://[", "a" * 500,
))  # fmt: skip
HEAD_WORDS = encoded((
    "HTTP/1.1 200 OK\r\n", "HTTP/1.1 301 \r\n", "HTTP/1.1 304 \r\n", "HTTP/1.1 403 \r\n", "HTTP/1.1 429 \r\n", "HTTP/1.1 100 \r\n\r\n", "\r\n", "\n",
    "Location: ", "Set-Cookie: ", "Retry-After: ", "Cache-Control: max-age=", "Age: ", "Expires: ", "Date: ", "ETag: ", "Last-Modified: ",
    "Content-Type: ", "Content-Length: ", "Content-Encoding: ", "Transfer-Encoding: chunked", "text/html; charset=", "image/png", "9" * 400, "-1",
    "Thu, 01 Jan 1970 00:00:00 GMT", "Mon, 99 Foo 99999 99:99:99 +9999", "//[", "http://[::1]/", "http://news.example:99999/", "\0", "é", "语",
    "a=b; Domain=.example; Path=/; Expires=", '<meta http-equiv=refresh content="0;url=', "&#" + "9" * 30 + ";", "<title>just a moment</title>",
))  # fmt: skip
URL_WORDS = encoded((
    "http://", "https://", "//", "/", "/../", "?", "#", "@", ":", "[::1]", "[", "]", "%", "%2F", "%00", "%zz", "\\", "\t", "\n", " ", "。", "\xad", "é",
    "xn--", "xn--a", "ß", "\ud83e\udd80", ":80", ":99999", ":٣", "0x7f.1", "127.1", "localhost", "javascript:", "file:", "&amp;", "utm_source=a", ";",
))  # fmt: skip
YAML_WORDS = encoded((
    "- ", ": ", "&a ", "*a", "<<: *a", "!!int ''", "!!float x", "!!bool x", "!!timestamp 2026-99-99", "!!python/object/apply:os.system [id]", "? ",
    "!!set {a, a}", "!!binary x", "!!omap [a]", "!!pairs [a]", "[" * 400, "{" * 400, "|", ">", "%YAML 9.9", "---", "...", "0o8", "0x", "1_", "~",
    "\t", "\x85", "\ufeff", "\"\\ud800\"", ".inf", "190:20:30",
))  # fmt: skip
WARC_WORDS = (
    b"WARC/1.0\r\n", b"WARC/1.1\r\n", b"\r\n\r\n", b"\r\n", b"Content-Length: ", b"WARC-Type: response", b"WARC-Type: revisit", b"WARC-Target-URI: ",
    b"WARC-Date: 0001-01-01T00:00:00+23:59", b"WARC-Truncated: length", b"Newsmill-Page: {}", b"Content-Encoding: ", b"br", b"zstd", b"deflate",
    b"Transfer-Encoding: chunked", b"HTTP/1.1 200 OK\r\n", b"99999999999999", b"-1", b"\x1f\x8b\x08", b"file:///etc/passwd", b"http://[", b"\0", b"\xff",
)  # fmt: skip
PAGE_WORDS = (
    b"<!-- saved from url=(0026)", b" -->", b"<link rel=canonical href='", b"<meta property='og:url' content='", b"'>", b"http://[", b"\0", b"<base href=x>",
)  # fmt: skip
REQUEST_WORDS = (
    b"GET ", b"POST ", b"OPTIONS ", b"/v1/articles", b"/v1/headlines", b"/v1/images/reports", b"/v1/images/blocks", b"/images/reports", b"/v1/status",
    b"/healthz", b"/metrics", b"/openapi.json", b"/static/../", b"?cursor=", b"&q=", b"&site=", b"%00", b"%ff", b"Host: ", b"a`b.evil.test", b"Origin: null",
    b"Sec-Fetch-Site: cross-site", b"X-Forwarded-For: ", b"Authorization: Bearer ", b"Expect: 100-continue", b"Upgrade: h2c", b"Content-Length: ",
    b"Transfer-Encoding: ", b"\r\n\r\n", b"\r\n", b"\n", b"[[[[[[", b'{"url":', b"9" * 5000, b"1e999", b"\\ud800",
)  # fmt: skip
TRIGGER_WORDS = (*encoded((
    "url=", "\nkind=", "\npriority=", "\nfollow=", "\norigin=", "\nfresh=", "\nid=", "\nvia=", "\n__class__=", "https://news.example/a", "file:///etc/passwd",
    "http://[::1", "http://a:99999/", "http://\xad/", "article", "-1", "1e3", "NaN", "true", "live", "nul\x00l", "a" * 3000, "\u202e", "{}", "9" * 5000,
)), b"\xff")  # fmt: skip
MESSAGE_WORDS = (
    b'"eta": ', b'"expires": ', b'"timelimit": ', b'"retries": ', b'"group": ', b'"stamps": ', b'"stamped_headers": ', b'"compression": ', b'"reply_to": ',
    b'"ignore_result": ', b'"shadow": ', b'"body_encoding": null', b'"lang": ', b'"utc": ', b'"origin": ', b'"replaced_task_nesting": ', b"[]", b"{}", b"null", b"1e999",
    b"[" * 400, b"\\ud800", b"\xff", b'"9999-99-99T99:99:99Z"', b'"__type__"',
)  # fmt: skip
OPML_WORDS = (
    b"<outline ", b"</outline>", b"xmlUrl='", b"htmlUrl='", b"XMLURL='", b"'/>", b"text='", b"title='", b"http://[", b"https://", b"//", b"file:///etc/passwd",
    b"<!DOCTYPE opml [<!ENTITY a 'b'>]>", b"&a;", b"&#0;", b"<!--", b"<?x ?>", b"xmlns:a='b'", b"a:", b"javascript:alert(1)", b"\xff", b"\0", b"<opml>",
)  # fmt: skip
QUERY_WORDS = encoded((
    "(", ")", "-", '"', " or ", " NEAR ", " NEAR/5 ", " NEAR/999 ", "*", "site:", "language:", "tag:", "publisher:", "papers:", "lang:", "[", "://",
    "渡船", "\u0301", "'", ";", "\\", "%", "_", "9" * 400, "-(-(", "AND", "NOT", "^", ":*", "<->", "&", "|", "!", "\ud800", "\u202e",
))  # fmt: skip

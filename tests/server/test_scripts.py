"""The page's scripts as one file: what goes into it, what stays as it is, and how the page names both."""

import subprocess

import pytest

from procwidget.server.script_bundle import Scripts

PAGE = (
    '<head><title>x</title></head><body><template id="procwidget-later">'
    '<script src="/monitor/voila/static/voila.js"></script></template></body>'
)
LISTS = {
    "webpack": '"use strict";(self.webpackChunk_a=self.webpackChunk_a||[]).push([[1],{1:()=>{}}]);',
    "with a licence": "/*! See x.LICENSE */\n(self.webpackChunkb=self.webpackChunkb||[]).push([[2],{}]);",
    "not shortened": '"use strict";\n(self["webpackChunkc"] = self["webpackChunkc"] || []).push([["2"], {}]);',
    "rspack": "(self.rspackChunk_d=self.rspackChunk_d||[]).push([[3],{}])\n//# sourceMappingURL=3.js.map",
}
STAYS = {
    "a loader": 'var _JUPYTERLAB;(()=>{"use strict";self.webpackChunk_a=self.webpackChunk_a||[]})()',
    "any script": "window.answer = 42",
    "empty": "",
}


@pytest.fixture
def asked(tmp_path):
    """Scripts of which one with some code was asked for."""
    scripts = Scripts()

    def ask(code, address="/monitor/x.js"):
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.js"
        path.write_text(code)
        scripts.asked(address, str(path))
        return scripts

    return ask


def test_first_page_is_as_it_is():
    """Before anybody asked for a script there is nothing to name and nothing to put together."""
    scripts = Scripts()
    assert scripts.into(PAGE, "/monitor/") == PAGE
    assert scripts.together() == b""


@pytest.mark.parametrize("kind", LISTS)
def test_file_that_only_lists_modules_comes_with_the_others(asked, kind):
    """It stands in the one file, which the page loads before Voilà's own script."""
    scripts = asked(LISTS[kind])
    page = scripts.into(PAGE, "/monitor/")
    assert LISTS[kind].encode() in scripts.together()
    assert page.index('<script src="/monitor/procwidget/scripts.js?v=') < page.index("/monitor/voila/static/voila.js")
    assert "/monitor/x.js" not in page


@pytest.mark.parametrize("kind", STAYS)
def test_file_that_does_more_is_only_named_early(asked, kind):
    """When a loader runs matters, so it runs when the page says; it is named before the rest, after the figures."""
    scripts = asked(STAYS[kind])
    assert scripts.together() == b""
    assert '"procwidget-later"><link rel="preload" as="script" href="/monitor/x.js">' in scripts.into(PAGE, "/monitor/")


def test_files_run_together_as_they_do_alone(asked, tmp_path):
    """Strict stays strict, sloppy stays sloppy, and a comment at an end hides nothing."""
    report = "(self.webpackChunk_a=self.webpackChunk_a||[]).push([function(){return this===undefined}()])"
    for code in (f'"use strict";{report}//# a comment', report, f'"use strict";{report}'):
        scripts = asked(code)
    script = tmp_path / "together.js"
    script.write_bytes(b"globalThis.self={};" + scripts.together() + b"console.log(self.webpackChunk_a.join())")
    said = subprocess.run(["node", str(script)], capture_output=True, text=True, check=True).stdout
    assert said == "true,false,true\n"


def test_more_scripts_make_another_address(asked):
    """A browser keeps the file by its address, so another content has another."""
    first = asked(LISTS["webpack"]).into(PAGE, "/")
    assert asked(LISTS["webpack"]).into(PAGE, "/") != first


@pytest.mark.parametrize(
    "address",
    [
        *(
            '/x.js?"><script>',
            "/x.js?v=1&token=secret",
            "/x.css",
            "//evil.example/x.js",
            "x.js",
            "/a/../x.js",
            "/./x.js",
        ),
        *("/x.js?v=" + 65 * "a", "/a//x.js", "/a" + 1000 * "/" + "x.js"),
    ],
)
def test_what_is_no_script_of_ours_is_forgotten(asked, address):
    """Addresses come from visitors: nothing but a plain path and a version gets into the others' page."""
    assert asked("window.answer = 42", address).into(PAGE, "/monitor/") == PAGE


def test_script_asked_for_by_many_names_has_its_first(asked, tmp_path):
    """A visitor who makes up versions fills neither the page nor the memory, and changes nothing for the others."""
    scripts = asked(STAYS["any script"], "/monitor/x.js?v=0123")
    before = scripts.into(PAGE, "/")
    for version in range(100):
        scripts.asked(f"/monitor/x.js?v={version:x}", str(tmp_path / "0.js"))
    assert scripts.into(PAGE, "/") == before
    assert before.count("preload") == before.count("x.js?v=0123") == 1

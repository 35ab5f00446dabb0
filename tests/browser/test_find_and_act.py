"""Finding processes with the search language and acting on several, in real JupyterLab and on a real served page."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import urllib.request

import psutil
import pytest
from jupyter_client import BlockingKernelClient
from playwright.sync_api import expect

from tests.browser.servers import TOKEN
from tests.patience import PATIENCE, until


def select(view, child):
    """The box that selects a child."""
    return view.row(child.pid).get_by_role("checkbox", name=f"Select sleep ({child.pid})")


def test_comparisons_narrow_and_matches_are_marked(view, children):
    """Words and comparisons together find the child; what was typed is marked in its cells."""
    child = children("sleep", "87654.25")
    view.show_only("87654.25 name=sleep mem<1g age<1h not status=zombie")
    expect(view.row(child.pid)).to_be_visible()
    expect(view.cell(child.pid, "name").locator("mark")).to_have_text("sleep")
    expect(view.cell(child.pid, "command").locator("mark")).to_have_text("87654.25")
    view.show_only(f"87654.25 pid!={child.pid}")
    expect(view.grid.locator("[data-pid]")).to_have_count(0)


def test_a_mistake_is_pointed_at_and_the_last_result_stays(view, children):
    """The wrong part and what would be right are said where one types; the rows are those from before."""
    child = children("sleep", "87654.5")
    view.show_only("87654.5")
    expect(view.row(child.pid)).to_be_visible()
    view.show_only("87654.5 memry>1g")
    sentence = "There is no column 'memry'; did you mean memory?"
    expect(view.region.get_by_text(sentence)).to_be_visible()
    expect(view.filter).to_have_attribute("aria-invalid", "true")
    expect(view.filter).to_have_accessible_description(sentence)
    expect(view.grid.locator("[data-pid]")).to_have_count(1)
    view.show_only("87654.5 mem<1g")
    expect(view.region.get_by_text(sentence)).to_have_count(0)


@pytest.mark.hosts("lab")
def test_completions_are_taken_only_on_purpose(view):
    """Typing on and Tab leave the list alone; an arrow into it and Enter write the column."""
    view.filter.click()
    view.page.keyboard.type("us")
    expect(view.region.get_by_role("option", name="user=")).to_be_visible()
    view.page.keyboard.press("ArrowDown")
    view.page.keyboard.press("Enter")
    expect(view.filter).to_have_value("user=")
    expect(view.region.get_by_role("listbox")).to_have_count(0)


def test_several_are_ended_by_one_confirmation_that_names_them(view, children):
    """Boxes and a shift-click select; one dialog lists all by name; each outcome is told; they are really gone."""
    started = [children("sleep", "87654.75") for _ in range(3)]
    view.show_only("87654.75")
    view.grid.get_by_role("columnheader", name="PID", exact=True).click()
    boxes = view.grid.locator("[data-pid]").get_by_role("checkbox")
    expect(boxes).to_have_count(3)
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    expect(view.region.get_by_role("status", name="Selection")).to_have_text("3 selected")
    expect(view.grid.get_by_role("row", selected=True)).to_have_count(3)
    view.region.get_by_role("button", name="Actions").click()
    view.region.get_by_role("menuitem", name="End…").click()
    dialog = view.page.get_by_role("alertdialog", name="End 3 sleep processes?")
    for child in started:
        expect(dialog.get_by_text(f"sleep ({child.pid})")).to_be_visible()
    dialog.get_by_role("button", name="End processes").click()
    for child in started:
        expect(view.outcome).to_contain_text(f"Ended sleep ({child.pid})")
        assert child.wait(PATIENCE) == -15
    expect(view.region.get_by_role("status", name="Selection")).to_have_text("")


def test_stop_continue_and_renice(view, children):
    """What does not end a process is asked for and confirmed in the same way, and happens."""
    child = children("sleep", "87654.125")
    view.show_only("87654.125")
    select(view, child).click()

    def act(item, button, number=None):
        view.region.get_by_role("button", name="Actions").click()
        view.region.get_by_role("menuitem", name=item).click()
        dialog = view.page.get_by_role("alertdialog")
        if number is not None:
            dialog.get_by_role("spinbutton").fill(number)
            dialog.get_by_role("button", name="Next").click()
        dialog.get_by_role("button", name=button).click()
        expect(dialog).to_have_count(0)

    act("Stop…", "Stop process")
    expect(view.outcome).to_contain_text(f"Stopped sleep ({child.pid})")
    expect(view.cell(child.pid, "status")).to_contain_text("stopped")
    act("Continue…", "Continue process")
    expect(view.outcome).to_contain_text(f"Continued sleep ({child.pid})")
    expect(view.cell(child.pid, "status")).to_contain_text("sleeping")
    act("Renice…", "Renice process", "7")
    expect(view.outcome).to_contain_text(f"sleep ({child.pid}) runs at nice 7 now")
    assert os.getpriority(os.PRIO_PROCESS, child.pid) == 7


@pytest.mark.parametrize("view", ["lab"], indirect=True)
def test_a_kernels_menu_has_its_server_interrupt_restart_and_shut_it_down(view, lab):
    """Beside the signals, and what they cannot do: a restarted kernel is its notebook's still."""

    def ask(method, path, body=None):
        headers = {"Authorization": f"token {TOKEN}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{lab.url}/api/{path}", data, headers, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    wanted = {"path": "menu.ipynb", "name": "menu.ipynb", "type": "notebook", "kernel": {"name": "python3"}}
    kernel = ask("POST", "sessions", wanted)["kernel"]["id"]
    client = BlockingKernelClient(connection_file=str(lab.root.parent / "runtime" / f"kernel-{kernel}.json"))
    client.load_connection_file()
    client.start_channels(stdin=False, hb=False)
    view.show_only("notebook:menu.ipynb")

    def act(verb, done):
        row = view.grid.locator("[data-pid]").first
        expect(row).to_be_visible()
        pid = row.get_attribute("data-pid")
        row.locator('[data-column="name"]').click(button="right")
        view.page.get_by_role("menuitem", name=f"{verb} the kernel…").click()
        dialog = view.page.get_by_role("alertdialog")
        expect(dialog).to_contain_text(f"{verb} the kernel of menu.ipynb")
        dialog.get_by_role("button", name=f"{verb} kernel").click()
        expect(view.outcome).to_contain_text(f"{done} the kernel of menu.ipynb ({pid})")
        return int(pid)

    try:
        client.wait_for_ready(PATIENCE)
        cell = client.execute("import time; time.sleep(600)")
        act("Interrupt", "Interrupted")
        while (reply := client.get_shell_msg(timeout=PATIENCE))["parent_header"]["msg_id"] != cell:
            pass  # it asked more than once whether the kernel is ready
        assert reply["content"]["ename"] == "KeyboardInterrupt"
        before = act("Restart", "Restarted")
        expect(view.row(before)).to_have_count(0)
        assert act("Shut down", "Shut down") != before
        assert kernel not in [one["id"] for one in ask("GET", "kernels")]
    finally:
        client.stop_channels()


@pytest.mark.hosts("lab", "served")
def test_all_of_it_by_keyboard(view, children):
    """Slash, words, arrow, Space and Delete select two and ask to end both; a question mark lists the keys."""
    for _ in range(2):
        children("sleep", "87654.375")
    keys = view.page.keyboard
    view.grid.get_by_role("columnheader", name="PID", exact=True).focus()
    keys.press("/")
    expect(view.filter).to_be_focused()
    keys.type("87654.375")
    expect(view.grid.locator("[data-pid]")).to_have_count(2)
    for key in ("ArrowDown", "Space", "ArrowDown", "Shift+Space"):
        keys.press(key)
    expect(view.region.get_by_role("status", name="Selection")).to_have_text("2 selected")
    keys.press("Delete")
    dialog = view.page.get_by_role("alertdialog", name="End 2 sleep processes?")
    expect(dialog).to_be_visible()
    keys.press("Escape")
    expect(dialog).to_have_count(0)
    keys.press("?")
    expect(view.page.get_by_role("dialog", name="Keys")).to_be_visible()
    keys.press("Escape")
    expect(view.page.get_by_role("dialog", name="Keys")).to_have_count(0)
    expect(view.grid.locator('[tabindex="0"]')).to_have_count(1)


@pytest.mark.parametrize("view", ["lab"], indirect=True)
def test_python_sees_what_is_selected(view, children, lab):
    """`dashboard.selected` follows the boxes, and lets go of what ended."""
    child = children("sleep", "87654.625")
    view.show_only("87654.625")
    select(view, child).click()
    expect(view.region.get_by_role("status", name="Selection")).to_have_text("1 selected")
    lab.run(view.page, 1)
    printed = view.page.locator(".jp-OutputArea-output").last
    expect(printed).to_contain_text(json.dumps([child.pid]))


def test_every_no_has_its_sentence_in_the_page(view, children):
    """Pid 1, what runs the kernel, one that has ended and one that became another program: each says why not."""
    ended = children("sleep", "87654.5625")
    changing = children("bash", "-c", "read line; exec sleep 87654.5625", stdin=subprocess.PIPE)
    view.show_only("87654.5625")
    expect(view.row(ended.pid)).to_be_visible()
    os.kill(ended.pid, signal.SIGKILL)
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
    # Of these no click can come to anything: the reason stands where the button is elsewhere.
    never = {
        1: "runs the whole system: it is never signalled.",
        os.getpid(): "is the Jupyter server of this page, or runs it: it is never signalled.",
    }
    for pid, why in never.items():
        view.show_only(f"pid={pid}")
        expect(view.row(pid).locator(".pw-never")).to_have_attribute("title", re.compile(re.escape(why)))
        expect(view.row(pid).get_by_role("button", name="End ")).to_have_count(0)
    dialog = view.page.get_by_role("alertdialog")
    why = "has ended: only its parent can collect it."
    view.show_only(f"pid={ended.pid}")
    view.row(ended.pid).get_by_role("button", name="End ").click()
    expect(dialog.get_by_role("alert")).to_contain_text(f"({ended.pid}) {why}")
    expect(dialog.get_by_role("status", name="Progress")).to_have_text("Nothing was sent.")
    expect(dialog.get_by_role("button", name="End process")).to_be_disabled()
    dialog.get_by_role("button", name="Cancel").click()
    expect(view.outcome).to_contain_text(f"({ended.pid}) {why}")
    view.show_only(f"pid={changing.pid}")
    view.row(changing.pid).get_by_role("button", name="End ").click()
    confirm = dialog.get_by_role("button", name="End process")
    expect(confirm).to_be_enabled()
    changing.stdin.write(b"\n")
    changing.stdin.close()
    until(lambda: psutil.Process(changing.pid).name() == "sleep")
    confirm.click()
    expect(view.outcome).to_contain_text(f"bash ({changing.pid}) changed: not signalled, it runs another program now")
    assert changing.poll() is None

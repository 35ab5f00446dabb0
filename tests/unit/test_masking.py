"""Masking: command lines with secrets enter, none leaves, and all that is no secret does."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from procwidget.masking import mask
from procwidget.sources.notebooks.kernels import kernel_id_of

MASKED = [
    # Options
    ("app --password hunter2 --port 80", "app --password ••• --port 80"),
    ("app --password=hunter2 --port 80", "app --password=••• --port 80"),
    ("a --passwd x --pass y --passphrase z -password w", "a --passwd ••• --pass ••• --passphrase ••• -password •••"),
    ("app --token t --secret s --api-key k --apikey=k", "app --token ••• --secret ••• --api-key ••• --apikey=•••"),
    ("a --client-secret=a --access-token b --authToken c", "a --client-secret=••• --access-token ••• --authToken •••"),
    ("app --Password HUNTER2", "app --Password •••"),
    ("app --password 'two words' --port 80", "app --password '•••' --port 80"),
    ('app --password "two words" --port 80', 'app --password "•••" --port 80'),
    ('app --password="two words" --port 80', 'app --password="•••" --port 80'),
    ("app --password -3f_kX9", "app --password •••"),
    ("app --password a=b&c;d", "app --password •••"),
    ("app --password=a&b;c,d", "app --password=•••"),
    ("procwidget --webhook https://h/T0/x --port 1", "procwidget --webhook ••• --port 1"),
    ("app --token --password x", "app --token --password •••"),
    ("app --password 'open", "app --password •••"),
    ("java -Djavax.net.ssl.keyStorePassword=abc -jar a.jar", "java -Djavax.net.ssl.keyStorePassword=••• -jar a.jar"),
    ("keytool -storepass abc -keypass def", "keytool -storepass ••• -keypass •••"),
    ("openssl rsa -passin pass:abc -in k", "openssl rsa -passin pass:••• -in k"),
    ("mount -o username=a,password=b,uid=1 //h/s /m", "mount -o username=a,password=•••,uid=1 //h/s /m"),
    # Clients
    ("mysql -uroot -psecret db", "mysql -uroot -p••• db"),
    ("/usr/bin/mysqldump -psecret db", "/usr/bin/mysqldump -p••• db"),
    ("mysqladmin --password=x ping", "mysqladmin --password=••• ping"),
    ("sudo -u db mariadb-dump -pse=cret", "sudo -u db mariadb-dump -p•••"),
    ('sh -c "mysql -psecret"', 'sh -c "mysql -p•••"'),
    ("sshpass -p secret ssh -p 22 host", "sshpass -p ••• ssh -p 22 host"),
    ("sshpass -psecret ssh -p 22 host", "sshpass -p••• ssh -p 22 host"),
    ("mongodump -u a -p secret", "mongodump -u a -p •••"),
    ("docker login -u ana -p secret registry", "docker login -u ana -p ••• registry"),
    ("redis-cli -a secret -h host", "redis-cli -a ••• -h host"),
    ("ldapsearch -w secret -D cn=a", "ldapsearch -w ••• -D cn=a"),
    ("7z a -psecret x.7z", "7z a -p••• x.7z"),
    ("zip -P secret x.zip", "zip -P ••• x.zip"),
    ("smbclient //h/s -U ana%secret", "smbclient //h/s -U ana%•••"),
    ("mysql -vpsecret db", "mysql -vp••• db"),
    ("mariadb -ABvvpsecret db", "mariadb -ABvvp••• db"),
    ("rar a -hpsecret x.rar", "rar a -hp••• x.rar"),
    ("ldapsearch -xLLLw secret -D cn=a", "ldapsearch -xLLLw ••• -D cn=a"),
    ("zip -9rP secret x.zip", "zip -9rP ••• x.zip"),
    # curl
    ("curl -su ana:secret http://h", "curl -su ana:••• http://h"),
    ("curl -sSLuana:secret http://h", "curl -sSLuana:••• http://h"),
    ("sh -c curl -u'ana:two words' h", "sh -c curl -u'ana:•••' h"),
    ("curl -u ana:secret http://h", "curl -u ana:••• http://h"),
    ("curl -uana:secret http://h", "curl -uana:••• http://h"),
    ("curl --user ana:secret --proxy-user b:c h", "curl --user ana:••• --proxy-user b:••• h"),
    ("curl --user=ana:secret h", "curl --user=ana:••• h"),
    ("curl -u 'ana:two words' h", "curl -u 'ana:•••' h"),
    ("curl -H Authorization: Bearer abc.def http://h", "curl -H Authorization: Bearer ••• http://h"),
    ('curl -H "Authorization: Bearer abc" http://h', 'curl -H "Authorization: Bearer •••" http://h'),
    ("curl -H 'Authorization: Basic YTpi' h", "curl -H 'Authorization: Basic •••' h"),
    ("curl -H Authorization: abc h", "curl -H Authorization: ••• h"),
    ("curl -H X-Api-Key: abc -H PRIVATE-TOKEN:def h", "curl -H X-Api-Key: ••• -H PRIVATE-TOKEN:••• h"),
    ("curl -H Cookie: a=b; c=d h", "curl -H Cookie: ••• ••• h"),
    ("wget --header=Authorization: Bearer abc h", "wget --header=Authorization: Bearer ••• h"),
    # Variables, parameters, data
    ("env API_KEY=abc DB_PASSWORD=d HOME=/h app", "env API_KEY=••• DB_PASSWORD=••• HOME=/h app"),
    ("env PGPASSWORD=a MYSQL_PWD=b GITHUB_TOKEN=c AWS_SECRET_ACCESS_KEY=d", "env PGPASSWORD=••• MYSQL_PWD=••• "
     "GITHUB_TOKEN=••• AWS_SECRET_ACCESS_KEY=•••"),
    ("docker run -e DB_PASS=x -eAPI_TOKEN=y image", "docker run -e DB_PASS=••• -eAPI_TOKEN=••• image"),
    ("curl https://h/x?token=abc&page=2", "curl https://h/x?token=•••&page=2"),
    ('app {"password":"x","user":"ana"}', 'app {"password":"•••","user":"ana"}'),
    ('app {"password": "two words", "user": "ana"}', 'app {"password": "•••", "user": "ana"}'),
    # URLs
    ("psql postgres://ana:secret@host:5432/db", "psql postgres://ana:•••@host:5432/db"),
    ("redis://:secret@host", "redis://:•••@host"),
    ("git clone https://ana:p@ss@host/x.git", "git clone https://ana:•••@host/x.git"),
    ("app --url=amqp://a:b@h --db=pg://c:d@h/e", "app --url=amqp://a:•••@h --db=pg://c:•••@h/e"),
    ("a://b:c@d,e://f:g@h", "a://b:•••@d,e://f:•••@h"),
    ("git clone https://ghp_x@github.com/a/b", "git clone https://•••@github.com/a/b"),
    ("pip install git+HTTPS://ghp_x@github.com/a/b,http://c@d", "pip install git+HTTPS://•••@github.com/a/b,http://•••@d"),
]  # fmt: skip

PLAIN = [
    "",
    " ",
    "sleep 1000",
    "mysql -p db",
    "mysql -u root -h host -P 3306",
    "mysql --password --host h",
    "ssh -p 22 host",
    "docker run --user 1000:1000 -p 8080:80 image",
    "sort --key=2 -k 1 file",
    "python train.py --max-tokens 5 --tokenizer bpe key=value",
    "app --password-file=/run/x --password-stdin --token-url https://h:8080/token",
    "app --no-password host",
    "env PWD=/home/ana OLDPWD=/ app",
    "curl -u ana http://host:8080/path@2x.png",
    "ssh://git@host/x http://[::1]:80/",
    "git clone git@host:ana/x && git clone https://git@host/x && git clone git+ssh://ana@host/x",
    "curl https://host:80/a@b http://host?to=ana@host http://host#@ http://@",
    "curl -fsSLo u -XPUT a:b -ou c:d",
    "mysql -vp db -uappuser",
    "unzip -qdPlace x.zip",
    "passwd ana",
    "vi secret.txt token",
    "cat /etc/passwd\tand\nmore   spaces ",
]

WORDS = (
    "--password --token -p -px -u -H = : 's e c' \" ' ; | , & a=b x y://u:v@w Authorization: Bearer Cookie: curl mysql "
    'sshpass login API_KEY= --user password=" {"password": "s" } - -- ••• @ :// token=& \n'
)
PIECES = st.lists(st.sampled_from([*WORDS.split(" "), " ", " "]), max_size=16).map("".join)


@pytest.mark.parametrize(("command", "shown"), MASKED, ids=[command[:40] for command, _ in MASKED])
def test_a_secret_is_hidden_and_nothing_else(command: str, shown: str) -> None:
    """Of a command line with a secret, all but the secret is shown."""
    assert mask(command) == shown


@pytest.mark.parametrize("command", PLAIN)
def test_what_is_no_secret_is_shown(command: str) -> None:
    """A command line without secrets stays as it is, though words in it may look like them."""
    assert mask(command) == command


@given(st.one_of(PIECES, st.text()))
@example("--password \"'\" '")
@example("curl -u 'a:b'c d'")
def test_masking_twice_is_masking_once(command: str) -> None:
    """What was masked stays as it is when it is masked again, whatever the text; and none breaks it."""
    once = mask(command)
    assert mask(once) == once


@given(
    st.text(alphabet="abcdefghijXYZ0189_+.", min_size=1),
    st.sampled_from(
        [case for case in MASKED if " -psecret" in case[0] or ":secret@" in case[0] or "=hunter2" in case[0]]
    ),
)
def test_a_secret_of_any_letters_is_hidden(secret: str, case: tuple[str, str]) -> None:
    """What is shown does not depend on what the secret is made of."""
    command, shown = case
    for word in ("hunter2", "secret"):
        command = command.replace(word, secret)
    assert mask(command) == shown


WORST = {
    "one word": ("", "a", ""),
    "one suspicious word": ("pass", "a", ""),
    "short words": ("pass ", "a ", ""),
    "quotes that never close": ("", "--password ' ", ""),
    "closing characters that close nothing": ("x --password '", ")", "x'"),
    "closing characters in a pair": ("curl -u 'a:", "}'", "x"),
    "URLs without an end": ("", "://a:", ""),
    "URLs with a name alone": ("", "http://a@", ""),
    "one long URL": ("://", "a:", ""),
    "one long name in a URL": ("http://", "a", ""),
    "parameters": ("", "password=x&", ""),
    "slashes": ("", "/", "mysql"),
    "options": ("", "--token x ", ""),
    "options in one": ("curl -", "s", "u a:b"),
    "pairs": ("curl -u ", "a:b ", ""),
    "both quotes": ("", "key password='\" ", ""),
    "spaces": ("curl -u", " ", ""),
}


SHORT, TIMES, MOST = 5_000, 8, 20
"""Characters, how many times as many the long text has, and how many times the CPU it may take: squared, 64."""


def cpu_of_masking(kind: str, length: int) -> float:
    """CPU seconds that masking takes for so many characters of a kind, and then for what it made of them."""
    start, middle, end = WORST[kind]
    command = start + middle * (length // len(middle)) + end
    begun = time.thread_time()
    once = mask(command)
    assert mask(once) == once
    return time.thread_time() - begun


@pytest.mark.parametrize("kind", WORST)
def test_no_text_makes_it_slow(kind: str) -> None:
    """The CPU grows as the text does, of the worst too; looked at once from each place, it would grow as its square.

    The least of several counts: what else the machine does only ever adds to it.
    """
    short = min(cpu_of_masking(kind, SHORT) for _ in range(3))
    assert any(cpu_of_masking(kind, TIMES * SHORT) < MOST * short for _ in range(5))


def test_a_kernels_id_is_hidden_and_it_is_still_known_for_a_kernel():
    """Others may see a user's processes, but not what a Jupyter Server knows them by."""
    command = "python -m ipykernel_launcher -f /run/kernel-0f3a2b1c-0000-4000-8000-000000000001.json"
    assert mask(command) == "python -m ipykernel_launcher -f /run/kernel-•••.json"
    assert kernel_id_of(mask(command)) and mask(mask(command)) == mask(command)

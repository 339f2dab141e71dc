"""What a function connects to: an HTTPS server, an SFTP server and a name server, all on loopback."""

import contextlib
import datetime
import http.server
import ipaddress
import os
import pathlib
import pwd
import shutil
import socket
import ssl
import struct
import subprocess
import tempfile
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from loopback import free_ports, wait_until_listening
from programs import running

BODY = b"settled" * 100
CERTIFICATE_DAYS = 1
# A file larger than one SFTP packet and one SSH window.
FILE_BYTES = 3_000_000


class Authority:
    """A certificate authority of its own, which nobody trusts unless told to."""

    def __init__(self, name="FinCore test authority"):
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        self._key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(self._name, self._key.public_key())
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        self.pem = self._signed(builder)

    def certificate(self, folder, *names):
        """Writes a server's certificate and key for host names and addresses; gives both paths."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(
            x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, names[0])]), key.public_key())
        builder = builder.add_extension(x509.SubjectAlternativeName([general_name(n) for n in names]), critical=False)
        certificate, key_file = folder / "server.crt", folder / "server.key"
        certificate.write_text(self._signed(builder))
        key_file.write_bytes(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
        return certificate, key_file

    def _builder(self, subject, key):
        now = datetime.datetime.now(datetime.timezone.utc)
        day = datetime.timedelta(days=CERTIFICATE_DAYS)
        return (
            x509.CertificateBuilder().subject_name(subject).issuer_name(self._name).public_key(key)
            .serial_number(x509.random_serial_number()).not_valid_before(now - day).not_valid_after(now + day))

    def _signed(self, builder):
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def general_name(name):
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers every request with the same body."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_):
        """Says nothing."""


@contextlib.contextmanager
def https_server(certificate, key):
    """Gives the port of an HTTPS server on 127.0.0.1."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    # The handshake belongs to the connection's thread: a client that hangs up during it must not stop the server.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class FileServer:
    """An OpenSSH that hands out one folder, read only, to one key of each kind."""

    def __init__(self, folder, port, account, host_key):
        self.port = port
        self.username = account
        self.host_key_sha256 = host_key
        self.path = f"{folder}/settlement.csv"
        self._folder = folder

    def private_key(self, kind):
        """The text of a client's private key: "ed25519" or "ecdsa"."""
        return (self._folder / f"client-{kind}").read_text()


@contextlib.contextmanager
def sftp_server():
    """An SFTP server on 127.0.0.1, under an account that owns nothing when this runs as root."""
    account = "daemon" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    # root's own temporary folders are closed to that account.
    with tempfile.TemporaryDirectory(prefix="fincore-sftp-") as path:
        folder = pathlib.Path(path)
        host_key = make_key(folder / "host", "ecdsa")
        public_keys = [make_key(folder / f"client-{kind}", kind) for kind in ("ed25519", "ecdsa")]
        (folder / "authorized_keys").write_text("".join(f"{key}\n" for key in public_keys))
        (folder / "settlement.csv").write_bytes(b"x" * FILE_BYTES)
        port, = free_ports(1)
        (folder / "sshd_config").write_text(f"""
            Port {port}
            ListenAddress 127.0.0.1
            HostKey {folder}/host
            PidFile none
            AuthorizedKeysFile {folder}/authorized_keys
            AuthenticationMethods publickey
            StrictModes no
            UsePAM no
            UseDNS no
            Subsystem sftp internal-sftp
            ForceCommand internal-sftp -R
        """)
        options = {}
        if os.geteuid() == 0:
            options = {"user": account, "group": account, "extra_groups": []}
            for file in (folder, *folder.iterdir()):
                shutil.chown(file, account, account)
        # Where sshd is, an account without rights often does not look; and it insists on its whole path.
        sshd = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:" + os.environ["PATH"])
        with (folder / "log").open("w") as log:
            command = [sshd, "-D", "-e", "-f", folder / "sshd_config"]
            with running(command, stdout=log, stderr=log, **options) as process:
                wait_until_listening(port, process, (folder / "log").read_text)
                yield FileServer(folder, port, account, fingerprint(folder / "host.pub"))


def make_key(path, kind):
    """Makes a key pair; gives the public key's line."""
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", path], check=True)
    return path.with_suffix(".pub").read_text().strip()


def fingerprint(public_key):
    """SHA-256 of a key, base64 without padding."""
    line = subprocess.run(
        ["ssh-keygen", "-l", "-E", "sha256", "-f", public_key], check=True, capture_output=True, text=True).stdout
    return line.split()[1].removeprefix("SHA256:")


@contextlib.contextmanager
def name_server(address, names):
    """A DNS server on port 53 of an address that knows these names' IPv4 addresses, and that there are no others."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as endpoint:
        endpoint.bind((address, 53))
        thread = threading.Thread(target=answer_queries, args=(endpoint, names))
        thread.start()
        try:
            yield
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.sendto(b"", (address, 53))
            thread.join()


def answer_queries(endpoint, names):
    """Answers A queries (RFC 1035) until an empty datagram comes."""
    while True:
        query, sender = endpoint.recvfrom(512)
        if not query:
            return
        labels, end = [], 12
        while query[end]:
            labels.append(query[end + 1:end + 1 + query[end]].decode())
            end += 1 + query[end]
        kind, = struct.unpack("!H", query[end + 1:end + 3])
        address = names.get(".".join(labels))
        answer = b""
        if address and kind == 1:
            answer = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + socket.inet_aton(address)
        flags = 0x8180 if address else 0x8183
        header = query[:2] + struct.pack("!HHHHH", flags, 1, bool(answer), 0, 0)
        endpoint.sendto(header + query[12:end + 5] + answer, sender)

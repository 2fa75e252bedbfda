"""Runs the template on this machine: an AWS emulator on loopback, `sam build`, `sam deploy`.

    with Emulator() as emulator:
        stack = emulator.deploy(SandboxUrl="http://127.0.0.1:9000")
        stack.client("sqs").get_queue_url(...)

The template is the one that goes to AWS, unmodified. What the emulator's CloudFormation leaves out is put right after
the deploy, and only here.
"""

import atexit
import fcntl
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import boto3
from aiohttp import web
from botocore.config import Config

from santral.front import STAGE, Front
from santral.packing import PACKED, packed

ROOT = Path(__file__).resolve().parent.parent
REGION = "eu-central-1"
STACK = "santral"
ARTIFACTS = "santral-artifacts"
INPUTS = ("functions", "router", "channels", "web", "infra")  # what a build depends on

# Ends the emulator and its workers when our end of the pipe closes, however we end.
KEEPER = """"$1" < /dev/null & trap '' TERM; cat > /dev/null; kill -TERM 0; wait; rm -rf "$TMPDIR" """

Progress = Callable[[str, float | None], None]  # a step and its seconds; None when it begins


class EmulatorError(RuntimeError):
    """The emulator, the build or the deploy failed; the message says what to do or where to read on."""


@dataclass(frozen=True)
class Stack:
    """A deployed stack and how to reach it."""

    endpoint: str
    http_url: str
    socket_url: str
    outputs: dict[str, str]
    region: str = REGION
    access_key: str = "test"
    secret_key: str = field(default="test", repr=False)

    @property
    def environment(self) -> dict[str, str]:
        """The AWS_* variables that point any AWS client or command here."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_DEFAULT_REGION": self.region,
        }

    def client(self, service: str, endpoint_url: str = "") -> Any:
        """A boto3 client for this stack."""
        config = Config(retries={"total_max_attempts": 3, "mode": "standard"}, max_pool_connections=50)
        return self._session().client(service, endpoint_url=endpoint_url or self.endpoint, config=config)

    def resource(self, service: str) -> Any:
        """A boto3 resource for this stack."""
        return self._session().resource(service, endpoint_url=self.endpoint)

    def _session(self) -> Any:  # not boto3.Session: its stubs know only literal service names
        return boto3.Session(self.access_key, self.secret_key, region_name=self.region)

    def clear(self) -> None:
        """Empty table, buckets and queues; users, secrets and warm functions stay."""
        table = self.resource("dynamodb").Table(self.outputs["TableName"])
        pages = table.meta.client.get_paginator("scan").paginate(TableName=table.name, ProjectionExpression="pk, sk")
        with table.batch_writer() as batch:
            for page in pages:
                for key in page["Items"]:
                    batch.delete_item(Key=key)
        for name in ("BlobsBucketName", "MailBucketName"):
            self.resource("s3").Bucket(self.outputs[name]).objects.all().delete()
        queues = self.client("sqs")
        for name, url in self.outputs.items():
            if name.endswith(("QueueUrl", "DlqUrl")):
                queues.purge_queue(QueueUrl=url)


class Emulator:
    """The emulator's process, its front door, and the stack deployed in it. Nothing of it outlives `stop`."""

    def __init__(
        self,
        root: Path = ROOT,
        *,
        port: int | None = None,
        front_port: int = 0,
        state: Path | None = None,
        progress: Progress = lambda step, seconds: None,
        routes: Iterable[web.AbstractRouteDef] = (),
    ) -> None:
        self._root = root
        self._tools = root / ".tools" / "bin"
        self._state = state or root / ".santral"
        self._port = port or _free_port()
        self._front_port = front_port
        self._progress = progress
        self._routes = routes
        self._process: subprocess.Popen[bytes] | None = None
        self._front: Front | None = None
        self.endpoint = f"http://127.0.0.1:{self._port}"
        self.log = self._state / f"emulator-{self._port}.log"
        self.scratch = ""  # where the functions' workers live while it runs

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def front(self) -> Front:
        """The front door, to run something in its loop."""
        assert self._front, "start the emulator first"
        return self._front

    @property
    def http_url(self) -> str:
        """Base URL of the HTTP API; known before the deploy."""
        assert self._front, "start the emulator first"
        return self._front.http_url

    @property
    def socket_url(self) -> str:
        """URL of the WebSocket API; known before the deploy."""
        assert self._front, "start the emulator first"
        return self._front.socket_url

    def start(self) -> None:
        """Start the emulator and wait until it answers."""
        for tool in ("ministack", "sam"):
            if not (self._tools / tool).exists():
                raise EmulatorError(f"{tool} is missing: run `make tools` first")
        with self._step("emulator"):
            self._state.mkdir(parents=True, exist_ok=True)
            self.scratch = tempfile.mkdtemp(prefix="santral-")
            environment = _clean_environment() | {
                "AUTH": "true",  # each function gets only what its role allows, as on AWS
                "BIND_HOST": "127.0.0.1",
                "GATEWAY_PORT": str(self._port),
                "MINISTACK_HOST": "127.0.0.1",
                "MINISTACK_REGION": REGION,
                "IOT_MTLS_ENABLED": "0",  # or it opens a port on every interface
                "STATE_DIR": self.scratch,
                "TMPDIR": self.scratch,
            }
            self.log.write_bytes(b"")
            with self.log.open("ab") as log:  # others may write to it too
                self._process = subprocess.Popen(
                    ["sh", "-c", KEEPER, "keeper", self._tools / "ministack"],
                    env=environment,
                    stdin=subprocess.PIPE,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            atexit.register(self.stop)
            self._wait_healthy()
            self._front = Front(self.endpoint, self._front_port, self._routes)

    def deploy(self, **parameters: str) -> Stack:
        """Build and deploy the template with these parameters."""
        with self._alone(), self._step("build"):
            template = self.build()
        with self._alone(), self._step("deploy"):
            address = {"PublicUrl": self.http_url, "SocketUrl": self.socket_url}
            overrides = [f"{name}={value}" for name, value in (address | parameters).items() if value]
            bare = Stack(self.endpoint, self.http_url, self.socket_url, {})
            bare.client("s3").create_bucket(Bucket=ARTIFACTS, CreateBucketConfiguration={"LocationConstraint": REGION})
            self._sam(
                *("deploy", "--template-file", str(template), "--stack-name", STACK, "--s3-bucket", ARTIFACTS),
                *("--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-progressbar"),
                *("--parameter-overrides", *overrides),
                environment=bare.environment,
            )
            described = bare.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
            outputs = {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}
            assert self._front
            self._front.point(outputs["HttpApiId"], outputs["SocketApiId"])
            return self._put_right(Stack(self.endpoint, self.http_url, self.socket_url, outputs))

    def build(self) -> Path:
        """Build and pack for this machine unless nothing changed, and return the template to deploy."""
        built = self._state / "build"
        stamp, digest = built / ".inputs", self._digest()
        if not stamp.exists() or stamp.read_text() != digest:
            self._sam(
                *("build", "--parallel", "--template-file", str(self._root / "infra" / "template.yaml")),
                *("--build-dir", str(built)),
                environment={"SANTRAL_BUILD_TARGET": "host", "PYTHON": str(self._tools / "python")},
            )
            packed(built)
            stamp.write_text(digest)
        return built / PACKED

    def stop(self) -> None:
        """End the emulator with all its workers, and the front door."""
        atexit.unregister(self.stop)
        if self._front:
            self._front.stop()
            self._front = None
        if self._process:
            assert self._process.stdin
            self._process.stdin.close()
            try:
                self._process.wait(1)  # its state is not kept, so there is nothing to wait for
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()
            self._process = None
            _remove(self.scratch)

    def _put_right(self, stack: Stack) -> Stack:
        """What the emulator's CloudFormation ignores, or cannot know."""
        stack.client("dynamodb").update_time_to_live(
            TableName=stack.outputs["TableName"], TimeToLiveSpecification={"Enabled": True, "AttributeName": "ttl"}
        )
        # The template names AWS's host; here the management API is a path, and signed requests bear no proxy.
        management = f"{self.endpoint}/_aws/execute-api/{stack.outputs['SocketApiId']}/{STAGE}"
        functions = stack.client("lambda")
        for function in functions.list_functions()["Functions"]:
            variables = function["Environment"]["Variables"]
            if "SOCKET_ENDPOINT" in variables:
                functions.update_function_configuration(
                    FunctionName=function["FunctionName"],
                    Environment={"Variables": variables | {"SOCKET_ENDPOINT": management}},
                )
        stack.outputs["SocketEndpoint"] = management
        # A number that came by a parameter stays text here, and the poller of a standard queue stumbles over it.
        for mapping in functions.list_event_source_mappings()["EventSourceMappings"]:
            if "ScalingConfig" in mapping:
                functions.update_event_source_mapping(UUID=mapping["UUID"], ScalingConfig=mapping["ScalingConfig"])
        # Loopback speaks plain HTTP, which the buckets' policies refuse on AWS and here alike.
        for bucket in ("MailBucketName", "BlobsBucketName"):
            stack.client("s3").delete_bucket_policy(Bucket=stack.outputs[bucket])
        _allow_batches(stack.client("iam"))
        return stack

    def _sam(self, *arguments: str, environment: dict[str, str]) -> None:
        path = f"{self._tools}{os.pathsep}{os.environ.get('PATH', '')}"
        settings = {"SAM_CLI_TELEMETRY": "0", "SAM_CLI_POLL_DELAY": "0.1", "AWS_DEFAULT_REGION": REGION, "PATH": path}
        done = subprocess.run(
            [self._tools / "sam", *arguments],
            env=_clean_environment() | settings | environment,
            cwd=self._root,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            tail = "\n".join((done.stdout + done.stderr).strip().splitlines()[-30:])
            raise EmulatorError(f"sam {arguments[0]} failed:\n{tail}")

    def _digest(self) -> str:
        digest = hashlib.sha256(os.fsencode(os.path.realpath(self._tools / "python")))
        for name in INPUTS:
            for path in sorted((self._root / name).rglob("*")):
                if path.is_file() and "__pycache__" not in path.parts:
                    digest.update(os.fsencode(path.relative_to(self._root)) + b"\0" + path.read_bytes())
        return digest.hexdigest()

    def _wait_healthy(self) -> None:
        assert self._process
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                urllib.request.urlopen(f"{self.endpoint}/_ministack/health", timeout=1).close()  # noqa: S310 loopback
                return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        self.stop()
        raise EmulatorError(f"the emulator did not start; its log is {self.log}")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Builds lie in one place: two runs at once must not meet there."""
        with (self._state / "build.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        started = time.monotonic()
        self._progress(name, None)
        yield
        self._progress(name, time.monotonic() - started)


def _allow_batches(iam: Any) -> None:
    """Who may send a message may send ten: on AWS `sqs:SendMessage` covers the batch call, here it is an action apart.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html
    """
    for page in iam.get_paginator("list_roles").paginate():
        for role in (role["RoleName"] for role in page["Roles"]):
            for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
                document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
                sending = [s for s in document["Statement"] if s["Action"] == ["sqs:SendMessage"]]
                for statement in sending:
                    statement["Action"] = ["sqs:SendMessage", "sqs:SendMessageBatch"]
                if sending:
                    iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))


def _clean_environment() -> dict[str, str]:
    """This process's environment without what would send a client to a real account or another Python."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON", "VIRTUAL_ENV"))}


def _remove(scratch: str) -> None:
    """The workers' directories, many thousand files: `rm` side by side takes a fraction of shutil's time."""
    parts = [str(path) for path in Path(scratch).glob("*/*")]
    shares = [share for share in (parts[index::4] for index in range(4)) if share]
    running = [subprocess.Popen(["rm", "-rf", "--", *share], stderr=subprocess.DEVNULL) for share in shares]
    for process in running:
        process.wait()
    shutil.rmtree(scratch, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

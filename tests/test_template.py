"""What infra/template.yaml promises, read from the file itself."""

import ast
import importlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from router import shards
from router.aws import clients, rows
from santral import dlq, schedules
from santral.bench import trips

ROOT = Path(__file__).resolve().parent.parent
SOURCE = (ROOT / "infra" / "template.yaml").read_text()
RUNTIME_VARIABLES = {"LOG_LEVEL", "POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE"}  # read by Powertools


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms: `!GetAtt A.B` is {"GetAtt": "A.B"}."""


def _intrinsic(loader: _Loader, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return {suffix: node.value}
    if isinstance(node, yaml.SequenceNode):
        return {suffix: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {suffix: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _intrinsic)
TEMPLATE: dict[str, Any] = yaml.load(SOURCE, Loader=_Loader)
GLOBALS: dict[str, Any] = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]


def _of_type(kind: str) -> dict[str, dict[str, Any]]:
    return {name: it["Properties"] for name, it in TEMPLATE["Resources"].items() if it["Type"] == kind}


FUNCTIONS = _of_type("AWS::Serverless::Function")
QUEUES = _of_type("AWS::SQS::Queue")
WORK_QUEUES = {name: queue for name, queue in QUEUES.items() if "RedrivePolicy" in queue}
DLQS = sorted(set(QUEUES) - set(WORK_QUEUES))
ALARMS = _of_type("AWS::CloudWatch::Alarm")


def _alarmed(metric: str) -> set[str]:
    """The resources whose `metric` raises an alarm."""
    found = set()
    for alarm in ALARMS.values():
        if alarm["MetricName"] == metric:
            (dimension,) = alarm["Dimensions"]
            (reference,) = dimension["Value"].values()
            found.add(reference.partition(".")[0])
    return found


def _queue_of(function: dict[str, Any]) -> str | None:
    for event in function.get("Events", {}).values():
        if event["Type"] == "SQS":
            return str(event["Properties"]["Queue"]["GetAtt"]).partition(".")[0]
    return None


CONSUMERS = {name: queue for name, function in FUNCTIONS.items() if (queue := _queue_of(function))}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_handler_can_be_imported(name: str) -> None:
    module, _, attribute = FUNCTIONS[name]["Handler"].rpartition(".")
    assert callable(getattr(importlib.import_module(module), attribute))


def test_every_module_in_functions_is_a_function_of_the_template() -> None:
    modules = {path.stem for path in (ROOT / "functions").glob("*.py")} - {"__init__", "wiring"}
    assert modules == {function["Handler"].split(".")[1] for function in FUNCTIONS.values()}


def test_variables_set_are_variables_read() -> None:
    wiring = ast.walk(ast.parse((ROOT / "functions" / "wiring.py").read_text()))
    read = {str(node.value) for node in wiring if isinstance(node, ast.Constant)}
    for path in (ROOT / "functions").glob("*.py"):
        calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
        named = [call.args[0] for call in calls if getattr(call.func, "id", "") == "setting"]
        read |= {str(node.value) for node in named if isinstance(node, ast.Constant)}
    read = {value for value in read if re.fullmatch(r"[A-Z][A-Z_]+", value)}
    given = set(GLOBALS).union(*(function["Environment"]["Variables"] for function in FUNCTIONS.values()))
    assert given - RUNTIME_VARIABLES == read - RUNTIME_VARIABLES


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_says_its_name_memory_timeout_and_log_group(name: str) -> None:
    function = FUNCTIONS[name]
    module = function["Handler"].split(".")[1]
    assert function["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"] == module
    assert function["MemorySize"] >= 256
    assert 0 < function["Timeout"] <= 300
    logs = _of_type("AWS::Logs::LogGroup")[function["LoggingConfig"]["LogGroup"]["Ref"]]
    assert logs["RetentionInDays"] == {"Ref": "LogRetentionDays"}


@pytest.mark.parametrize("name", CONSUMERS)
def test_a_batch_stays_invisible_long_enough(name: str) -> None:
    function, visibility = FUNCTIONS[name], QUEUES[CONSUMERS[name]]["VisibilityTimeout"]
    # a failed record stalls its pool, or shard, until it is visible again, and a person waits for a journey's step
    longest = {"MatchQueue": 30, "DueQueue": 70, "OutreachQueue": 150}
    if CONSUMERS[name] in longest:
        assert function["Timeout"] < visibility <= longest[CONSUMERS[name]]
    else:
        assert visibility >= 6 * function["Timeout"]


@pytest.mark.parametrize("name", CONSUMERS)
def test_a_consumer_reports_single_failures_and_is_limited_at_its_source(name: str) -> None:
    (source,) = (event["Properties"] for event in FUNCTIONS[name]["Events"].values())
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert "MaximumConcurrency" in source["ScalingConfig"]
    assert "ReservedConcurrentExecutions" not in FUNCTIONS[name]


def test_each_query_that_is_asked_beside_others_has_a_connection_and_is_counted_so() -> None:
    at_once = int(FUNCTIONS["MatchFunction"]["Environment"]["Variables"]["QUERIES_AT_ONCE"])
    connections: Any = clients.QUICK
    assert at_once == trips.AT_ONCE <= connections.max_pool_connections


def test_each_shard_may_have_its_worker_whose_run_ends_before_its_function_is_ended_and_the_next_minute_asks() -> None:
    due = FUNCTIONS["DueFunction"]
    assert TEMPLATE["Parameters"]["DueConcurrency"]["Default"] == rows.DUE_SHARDS
    assert shards.LONGEST.total_seconds() < due["Timeout"] <= 60
    assert int(due["Environment"]["Variables"]["ITEMS_AT_ONCE"]) <= clients.QUICK.max_pool_connections  # type: ignore[attr-defined]  # untyped


@pytest.mark.parametrize("name", WORK_QUEUES)
def test_every_queue_has_a_dead_letter_queue_of_its_kind_and_an_age_alarm(name: str) -> None:
    queue = WORK_QUEUES[name]
    dlq = QUEUES[queue["RedrivePolicy"]["deadLetterTargetArn"]["GetAtt"].partition(".")[0]]
    assert queue["RedrivePolicy"]["maxReceiveCount"] == 5
    assert queue.get("FifoQueue") == dlq.get("FifoQueue")
    assert dlq["MessageRetentionPeriod"] >= queue["MessageRetentionPeriod"]
    assert name in CONSUMERS.values()
    assert name in _alarmed("ApproximateAgeOfOldestMessage")


@pytest.mark.parametrize("name", [name for name, queue in WORK_QUEUES.items() if queue.get("FifoQueue")])
def test_fifo_queues_scale_by_group(name: str) -> None:
    assert QUEUES[name]["DeduplicationScope"] == "messageGroup"
    assert QUEUES[name]["FifoThroughputLimit"] == "perMessageGroupId"


@pytest.mark.parametrize("name", DLQS)
def test_every_dead_letter_queue_raises_an_alarm(name: str) -> None:
    assert name in _alarmed("ApproximateNumberOfMessagesVisible")


def test_every_function_and_every_promise_raises_an_alarm() -> None:
    assert _alarmed("Errors") == set(FUNCTIONS)
    assert {"IntakeGap", "ParkedSends", "Quarantined", "CredentialsRefused"} <= {
        alarm["MetricName"] for alarm in ALARMS.values()
    }
    assert all(alarm["AlarmActions"] == [{"Ref": "AlarmTopic"}] for alarm in ALARMS.values())


def test_refused_credentials_raise_an_alarm_in_each_function_that_shows_them() -> None:
    services = {
        dimension["Value"]
        for alarm in ALARMS.values()
        if alarm.get("MetricName") == "CredentialsRefused"
        for dimension in alarm["Dimensions"]
    }
    assert services == {"deliver", "outreach", "fetch"}


@pytest.mark.parametrize("name", [name for name, queue in QUEUES.items()])
def test_queues_are_encrypted(name: str) -> None:
    assert QUEUES[name]["SqsManagedSseEnabled"] is True


@pytest.mark.parametrize("name", _of_type("AWS::S3::Bucket"))
def test_buckets_are_private_encrypted_expiring_and_tls_only(name: str) -> None:
    bucket = _of_type("AWS::S3::Bucket")[name]
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert "BucketEncryption" in bucket
    assert bucket["LifecycleConfiguration"]["Rules"][0]["ExpirationInDays"] == {"Ref": "RetentionDays"}
    policies = [
        it["PolicyDocument"]["Statement"]
        for it in _of_type("AWS::S3::BucketPolicy").values()
        if it["Bucket"] == {"Ref": name}
    ]
    assert [it["Sid"] for statements in policies for it in statements if it["Effect"] == "Deny"] == ["TlsOnly"]


def _rights(name: str, action: str) -> set[str]:
    """What a function may do this to, by logical id."""
    statements = [it for policy in FUNCTIONS[name]["Policies"] for it in policy["Statement"] if action in it["Action"]]
    resources = [
        one for it in statements for one in (it["Resource"] if isinstance(it["Resource"], list) else [it["Resource"]])
    ]
    return {str(next(iter(one.values()))).partition(".")[0] for one in resources}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_may_send_to_the_queues_it_is_told_of_and_to_no_other(name: str) -> None:
    variables = FUNCTIONS[name]["Environment"]["Variables"]
    told = {value["Ref"] for variable, value in variables.items() if re.fullmatch(r"[A-Z]+_(QUEUE|DLQ)_URL", variable)}
    assert _rights(name, "sqs:SendMessage") == told


def test_whoever_may_begin_or_carry_on_a_journey_may_send_to_outreach() -> None:
    senders = {name for name in FUNCTIONS if "OutreachQueue" in _rights(name, "sqs:SendMessage")}
    assert senders == {f"{name}Function" for name in ("Api", "Due", "Happen", "Outreach", "Route", "Timer")}


def test_whoever_may_carry_on_a_journey_knows_the_address_that_links_in_its_messages_begin_with() -> None:
    for name in ("OutreachFunction", "TimerFunction", "DueFunction", "DeliverFunction"):
        assert "PUBLIC_URL" in FUNCTIONS[name]["Environment"]["Variables"], name


def test_scheduler_may_post_launches_and_what_it_could_not_post_and_nothing_else() -> None:
    role = _of_type("AWS::IAM::Role")["ScheduleRole"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    (statement,) = role["Policies"][0]["PolicyDocument"]["Statement"]
    assert statement["Action"] == ["sqs:SendMessage"]
    assert statement["Resource"] == [{"GetAtt": "OutreachQueue.Arn"}, {"GetAtt": "ScheduleDlq.Arn"}]
    assert QUEUES["OutreachQueue"]["ContentBasedDeduplication"] is True, "Scheduler gives no deduplication id"


def test_the_command_line_finds_in_the_outputs_what_schedules_need() -> None:
    outputs = {name: str(it["Value"]) for name, it in TEMPLATE["Outputs"].items()}
    assert schedules.place_of(outputs) is not None
    assert {name for name in outputs if name.endswith("DlqUrl")} == set(dlq.SOURCES)


def test_what_other_systems_tell_goes_into_a_queue_and_what_cannot_is_kept() -> None:
    rule = _of_type("AWS::Events::Rule")["InRule"]
    assert rule["EventBusName"] == {"Ref": "InBus"}, "and not the one that others listen to, or it would hear itself"
    (target,) = rule["Targets"]
    assert (target["Arn"], target["DeadLetterConfig"]) == (
        {"GetAtt": "HappenQueue.Arn"},
        {"Arn": {"GetAtt": "HappenDlq.Arn"}},
    )
    policy = _of_type("AWS::SQS::QueuePolicy")["HappenQueuePolicy"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert {it["Ref"] for it in policy["Queues"]} == {"HappenQueue", "HappenDlq"}
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": {"GetAtt": "InRule.Arn"}}}


def test_links_of_a_campaign_cannot_take_all_functions_from_the_webhooks() -> None:
    stage = _of_type("AWS::ApiGatewayV2::Stage")["HttpStage"]
    limited = set(stage["RouteSettings"])
    assert {"GET /l/{code}", "GET /s/{token}", "POST /s/{token}"} <= limited
    routes = {name: it["RouteKey"] for name, it in _of_type("AWS::ApiGatewayV2::Route").items()}
    named = {name for name, key in routes.items() if key in limited}
    assert set(TEMPLATE["Resources"]["HttpStage"]["DependsOn"]) == named, "a stage may limit only routes that are there"


def test_only_v1_wants_a_token_and_all_of_it_does() -> None:
    routes = [it for it in _of_type("AWS::ApiGatewayV2::Route").values() if it["ApiId"] == {"Ref": "HttpApi"}]
    guarded = [it["RouteKey"] for it in routes if it.get("AuthorizationType") == "JWT"]
    assert guarded == ["ANY /v1/{proxy+}"]


def test_webhooks_are_never_throttled() -> None:
    stage = _of_type("AWS::ApiGatewayV2::Stage")["HttpStage"]
    assert "DefaultRouteSettings" not in stage
    assert not [key for key in stage["RouteSettings"] if "/webhooks" in key]


def test_the_access_log_names_no_person() -> None:
    wanted = _of_type("AWS::ApiGatewayV2::Stage")["HttpStage"]["AccessLogSettings"]["Format"]
    assert not re.search(r"sourceIp|userAgent|\$context\.path|querystring|authorizer|identity", wanted)


def test_a_wildcard_resource_gives_its_reason() -> None:
    bare = [
        line.strip()
        for line in SOURCE.splitlines()
        if re.search(r"^\s+Resource: .*\*", line.partition(" #")[0]) and " # " not in line
    ]
    assert not bare
    assert not re.search(r"""Resource: \[?["']\*["']""", SOURCE), "name what the function may touch"


def test_no_action_is_a_wildcard_where_it_allows() -> None:
    for name, function in FUNCTIONS.items():
        for statement in (it for policy in function["Policies"] for it in policy["Statement"]):
            assert statement["Effect"] == "Allow"
            assert not [action for action in statement["Action"] if "*" in action], name


def test_no_secret_stands_in_the_template() -> None:
    for name, secret in _of_type("AWS::SecretsManager::Secret").items():
        assert "SecretString" not in secret, name
        assert "GenerateSecretString" in secret, name
    assert not re.search(r"AKIA[0-9A-Z]{16}|-----BEGIN|\b[0-9]{12}\b", SOURCE)


@pytest.mark.parametrize("path", sorted((ROOT / "events").glob("*.json")), ids=lambda path: path.stem)
def test_a_sample_event_names_its_function(path: Path) -> None:
    modules = {function["Handler"].split(".")[1] for function in FUNCTIONS.values()}
    function, _, case = path.stem.partition("-")
    assert function in modules, "events are called <function>-<case>.json"
    assert case
    assert isinstance(json.loads(path.read_text()), dict)

#!/usr/bin/env bash
# What:    botocore; which of the limits that AWS states in its models of services are checked before a request is sent.
# Version: Debian 12's python3-botocore 1.29.27 (nothing is sent).
# Guess:   (written before it was run) length and range in both directions; patterns and lists of allowed values perhaps.
# Seen:    only the lower ones. An empty CloudWatch namespace and a period of 0 are refused; a namespace of 300 characters (255 in the model), one that
#          breaks the model's pattern, an unknown unit and a limit of 10,000,000 log events (10,000) pass.
# Means:   "the SDK took it" says nothing of what the service will say, so a deployment that was tried against a stand-in can fail at the real one in its
#          tenth call. Whoever writes a stand-in of AWS checks max, pattern and enum of the model there.
set -euo pipefail
python=/usr/bin/python3
"$python" -c 'import botocore; assert botocore.__version__ == "1.29.27"' 2>/dev/null || { echo "this is not Debian 12's python3-botocore 1.29.27" >&2; exit 2; }
seen=$("$python" - <<'PY'
from botocore.session import Session
from botocore.validate import ParamValidator
def check(what, service, operation, **params):
    shape = Session().get_service_model(service).operation_model(operation).input_shape
    print(what + ":", "refused" if ParamValidator().validate(params, shape).has_errors() else "passes")
def metric(namespace, unit="Count"):
    return {"Namespace": namespace, "MetricData": [{"MetricName": "users", "Value": 1.0, "Unit": unit}]}
print(*sorted(Session().get_service_model("cloudwatch").shape_for("Namespace").metadata.items()))
check("empty", "cloudwatch", "PutMetricData", **metric(""))
check("300 characters", "cloudwatch", "PutMetricData", **metric("x" * 300))
check("against the pattern", "cloudwatch", "PutMetricData", **metric(":x"))
check("unknown unit", "cloudwatch", "PutMetricData", **metric("x", "Parsecs"))
check("limit 0", "logs", "FilterLogEvents", logGroupName="x", limit=0)
check("limit 10000000", "logs", "FilterLogEvents", logGroupName="x", limit=10_000_000)
PY
)
echo "$seen"
[ "$seen" = "('max', 255) ('min', 1) ('pattern', '[^:].*')
empty: refused
300 characters: passes
against the pattern: passes
unknown unit: passes
limit 0: refused
limit 10000000: passes" ] || { echo "no longer so" >&2; exit 1; }

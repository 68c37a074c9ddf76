#!/usr/bin/env bash
# What:    botocore; the time zone of the times in answers of two services, on a machine whose clock shows Tokyo's time.
# Version: Debian 12's python3-botocore 1.29.27 (answers are put together here, nothing is sent).
# Guess:   (written before it was run) UTC from both, as AWS sends it.
# Seen:    ECS, whose protocol has seconds since 1970, gives local time (+09:00); CloudWatch, whose protocol had ISO 8601, gives UTC. The instants are
#          right; what is printed, or cut down to its first characters, is nine hours apart.
# Means:   a script that sets the start of a task beside a curve of CloudWatch and writes both with strftime shows the load nine hours away from its
#          effect, and only on machines that do not run in UTC, never in CI. astimezone(timezone.utc) first.
set -euo pipefail
python=/usr/bin/python3
"$python" -c 'import botocore; assert botocore.__version__ == "1.29.27"' 2>/dev/null || { echo "this is not Debian 12's python3-botocore 1.29.27" >&2; exit 2; }
seen=$(TZ=Asia/Tokyo "$python" - <<'PY'
from botocore.parsers import create_parser
from botocore.session import Session
def parse(service, operation, body):
    model = Session().get_service_model(service)
    answer = {"status_code": 200, "headers": {}, "body": body}
    return create_parser(model.metadata["protocol"]).parse(answer, model.operation_model(operation).output_shape)
ecs = parse("ecs", "DescribeTasks", b'{"tasks": [{"startedAt": 1796000000}]}')["tasks"][0]["startedAt"]
cloudwatch = parse("cloudwatch", "GetMetricStatistics", b"""<GetMetricStatisticsResponse><GetMetricStatisticsResult><Datapoints>
<member><Timestamp>2026-11-30T00:53:20Z</Timestamp></member></Datapoints></GetMetricStatisticsResult><ResponseMetadata/></GetMetricStatisticsResponse>""")["Datapoints"][0]["Timestamp"]
print(ecs, cloudwatch, ecs == cloudwatch)
PY
)
echo "$seen"
[ "$seen" = "2026-11-30 09:53:20+09:00 2026-11-30 00:53:20+00:00 True" ] || { echo "no longer so" >&2; exit 1; }

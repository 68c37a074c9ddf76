#!/usr/bin/env bash
# What:    botocore's waiters over an answer in which nothing is left: environment_terminated of Elastic Beanstalk, tasks_stopped and services_stable of ECS.
# Version: Debian 12's python3-botocore 1.29.27 (answers are made up, the pauses between questions are taken out).
# Guess:   (written before it was run, for Elastic Beanstalk; of ECS one would expect the like) what is no longer listed has ended: success at once.
# Seen:    environment_terminated asks 20 times (400 s with its pauses) and fails; tasks_stopped asks 100 times (600 s) and fails, although ECS says
#          MISSING; services_stable succeeds at once over no service at all. "All of none" is not true in the models, "none is not so" is.
# Means:   a clean-up that waits with them, as "aws ecs wait tasks-stopped" does, fails ten minutes later for tasks that ECS has forgotten. Whoever
#          deploys load generators asks what is listed and judges for himself.
set -euo pipefail
python=/usr/bin/python3
"$python" -c 'import botocore; assert botocore.__version__ == "1.29.27"' 2>/dev/null || { echo "this is not Debian 12's python3-botocore 1.29.27" >&2; exit 2; }
seen=$("$python" - <<'PY'
from botocore.exceptions import WaiterError
from botocore.session import Session
from botocore.waiter import Waiter
def wait(service, name, answer):
    config = Session().get_waiter_model(service).get_waiter(name)
    pause, config.delay, asked = config.delay, 0, []
    try:
        Waiter(name, config, lambda: asked.append(1) or answer).wait()
        print(name, "succeeds after", len(asked))
    except WaiterError:
        print(name, "fails after", len(asked), "questions, one each", pause, "s")
wait("elasticbeanstalk", "EnvironmentTerminated", {"Environments": []})
wait("ecs", "TasksStopped", {"tasks": [], "failures": [{"reason": "MISSING"}]})
wait("ecs", "ServicesStable", {"services": [], "failures": []})
PY
)
echo "$seen"
[ "$seen" = "EnvironmentTerminated fails after 20 questions, one each 20 s
TasksStopped fails after 100 questions, one each 6 s
ServicesStable succeeds after 1" ] || { echo "no longer so" >&2; exit 1; }

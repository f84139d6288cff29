#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""usage: dosegate trial run quick --program "python3 examples/controller.py"

A controller in Python: basal rate by how far glucose is from the target, and
a bolus for each announced meal.  Start from it; docs/controllers.md has every
field.  One line of JSON comes in, one must go out; nothing else may be printed
to standard output (standard error is yours).
"""

import json
import sys


class Controller:
    """Everything about one person; a "start" makes a new one."""

    def __init__(self, person):
        self.person = person

    def scheduled_mU_per_h(self, minute):
        today = minute % 1440
        return [rate for start, rate in self.person["basal"]
                if start <= today][-1]

    def step(self, now):
        answer = {}
        if now["carbs_g"] > 0:
            answer["meal_bolus_mU"] = int(
                1000 * now["carbs_g"] / self.person["cr_g_U"])

        glucose = now["glucose_mg_dL"]
        if glucose is None:  # no reading: the device goes on by itself
            return answer
        basal = self.scheduled_mU_per_h(now["minute"])
        above = glucose - self.person["target_mg_dL"]
        # What would correct half of it within two hours.
        rate = basal + 250 * above / self.person["isf_mg_dL_U"]
        if glucose < 80:
            rate = 0
        answer["temp"] = {"mU_per_h": int(min(max(rate, 0), 4 * basal)),
                          "minutes": 30}
        return answer


def main():
    controller = None
    for line in sys.stdin:
        message = json.loads(line)
        if "start" in message:
            controller = Controller(message["start"])
            answer = {"ready": True}
        else:
            answer = controller.step(message["step"])
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()

#!/bin/sh
# The training speed of PyTorch (../shared/reference/flashlm_v4.py bench) and of this project's engine, measured in turn
# on the same threads and shape. Needs python3-torch and libopenblas0-pthread from Debian, ../shared, and `npm run build`.
#
#   test/train/compare-with-pytorch.sh [threads] [rounds]
set -eu
cd "$(dirname "$0")/../.."
threads=${1:-2}
rounds=${2:-7}
reference=../shared/reference/flashlm_v4.py
[ -f "$reference" ] || { echo "There is no $reference, so there is nothing to compare with." >&2; exit 3; }
/usr/bin/python3 -c 'import torch' 2>/dev/null || {
    echo "PyTorch is missing: apt-get install python3-torch libopenblas0-pthread" >&2
    exit 3
}
round=1
while [ "$round" -le "$rounds" ]; do
    /usr/bin/python3 "$reference" bench --threads "$threads" | sed 's/^/{"pytorch": /; s/$/}/'
    node dist/cli.js bench train --threads "$threads" --json | node -e '
        const figures = JSON.parse(require("fs").readFileSync(0, "utf8"));
        const speed = figures.find(({ name }) => name === "training speed");
        console.log(JSON.stringify({ flashlm_mcu: { tokens_per_second: speed.value, engine: speed.target } }));'
    round=$((round + 1))
done | node -e '
    const lines = require("fs").readFileSync(0, "utf8").trim().split("\n").map(JSON.parse);
    const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
    const pytorch = lines.flatMap(({ pytorch }) => pytorch?.tokens_per_second ?? []);
    const ours = lines.flatMap(({ flashlm_mcu }) => flashlm_mcu?.tokens_per_second ?? []);
    console.log("engine:             " + lines.find(({ flashlm_mcu }) => flashlm_mcu).flashlm_mcu.engine);
    console.log("PyTorch:            " + pytorch.map(Math.round).join(", ") + " tokens/s");
    console.log("flashlm-mcu:        " + ours.map(Math.round).join(", ") + " tokens/s");
    console.log("ratio of medians:   " + (median(ours) / median(pytorch)).toFixed(2));'

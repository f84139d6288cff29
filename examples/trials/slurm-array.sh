#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# usage: sbatch --array=1-64 examples/trials/slurm-array.sh NAME|FILE DIR
#
# Each task of the array runs its shard of a trial into DIR, which all of them
# see; a task that is run again goes on where it was.  When all are done:
#   dosegate trial merge NAME|FILE --out DIR DIR/*.part
#SBATCH --job-name=dosegate-trial
#SBATCH --cpus-per-task=4
#SBATCH --requeue
set -euo pipefail

trial=${1:?usage: sbatch --array=1-N slurm-array.sh NAME|FILE DIR}
folder=${2:?usage: sbatch --array=1-N slurm-array.sh NAME|FILE DIR}
shard=${SLURM_ARRAY_TASK_ID:?start it with sbatch --array=1-N}
shards=${SLURM_ARRAY_TASK_COUNT:?start it with sbatch --array=1-N}

exec "${DOSEGATE:-dosegate}" trial run "$trial" --out "$folder" \
    --shard "$shard/$shards" --threads "${SLURM_CPUS_PER_TASK:-1}"

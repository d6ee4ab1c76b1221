#!/usr/bin/env bash
# The libraries with which notebooks read and write objects; prints the path of their Python.
set -euo pipefail

folder=$("$(dirname "$0")/../python.sh" python/s3 's3fs==2026.9.0' 'boto3>=1.40')
echo "$folder/bin/python"

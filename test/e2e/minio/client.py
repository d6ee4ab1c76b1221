"""S3 client of a notebook, configured only by the environment: `client.py COMMAND [ARGUMENT...]`; prints one line of JSON."""

import json
import os
import sys
import zipfile

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

BODY = os.urandom(1) * (3 << 20)


def s3():
    """A client without retries."""
    return boto3.client("s3", config=Config(connect_timeout=3, read_timeout=8, retries={"total_max_attempts": 1}))


def attempt(act):
    """`ok`, or the error code."""
    try:
        act()
        return "ok"
    except ClientError as error:
        return error.response["Error"]["Code"]
    except BotoCoreError as error:
        return type(error).__name__


def put(bucket, key):
    return attempt(lambda: s3().put_object(Bucket=bucket, Key=key, Body=BODY))


def patient(bucket, key):
    """Writes with the default retries of boto3."""
    return attempt(lambda: boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=BODY))


def get(bucket, key):
    def whole():
        body = s3().get_object(Bucket=bucket, Key=key)["Body"].read()
        assert len(body) == 3 << 20 and len(set(body)) == 1, "the content of the object is not as written"

    return attempt(whole)


def rights(bucket, key):
    """Permissions of these credentials for one bucket; `key` is an existing object."""
    own = "mine-" + os.environ["AWS_ACCESS_KEY_ID"]
    return {
        "list": attempt(lambda: s3().list_objects_v2(Bucket=bucket)),
        "read": attempt(lambda: s3().get_object(Bucket=bucket, Key=key)["Body"].read()),
        "write": attempt(lambda: s3().put_object(Bucket=bucket, Key=own, Body=b"x")),
        "delete": attempt(lambda: s3().delete_object(Bucket=bucket, Key=own)),
        "make": attempt(lambda: s3().create_bucket(Bucket="another-" + os.environ["AWS_ACCESS_KEY_ID"])),
    }


def notebook(bucket):
    """boto3 and s3fs configured only by the environment: multipart upload, and path-style URLs."""
    import s3fs

    client = boto3.client("s3")
    seen = []
    client.meta.events.register("before-send.s3", lambda request, **_: seen.append(request.url) or None)
    client.put_object(Bucket=bucket, Key="from/boto3", Body=b"hello")
    files = s3fs.S3FileSystem()
    with files.open(f"{bucket}/from/s3fs", "wb", block_size=5 << 20) as file:
        for _ in range(12):
            file.write(b"x" * (1 << 20))
    assert files.cat(f"{bucket}/from/boto3") == b"hello"
    assert client.head_object(Bucket=bucket, Key="from/s3fs")["ContentLength"] == 12 << 20
    assert sorted(files.ls(f"{bucket}/from")) == [f"{bucket}/from/boto3", f"{bucket}/from/s3fs"]
    files.rm(f"{bucket}/from", recursive=True)
    path_style = all(f"/{bucket}/" in url for url in seen if "from/" in url)
    return "ok" if path_style and seen else f"no path style: {seen}"


def versions(bucket):
    """Writes a new object twice: number of versions, and whether the first version can be deleted."""
    key = "kept-" + os.urandom(4).hex()
    first = s3().put_object(Bucket=bucket, Key=key, Body=b"1").get("VersionId")
    s3().put_object(Bucket=bucket, Key=key, Body=b"2")
    listed = s3().list_object_versions(Bucket=bucket, Prefix=key).get("Versions", [])
    if first is None:
        return {"versions": len(listed), "destroy": "nothing to destroy"}
    return {"versions": len(listed), "destroy": attempt(lambda: s3().delete_object(Bucket=bucket, Key=key, VersionId=first))}


def federated(token, arn, bucket, key, elsewhere):
    """Permissions of the credentials for a token, or the error if there are none."""
    sts = boto3.client("sts", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
    try:
        answer = sts.assume_role_with_web_identity(RoleArn=arn, RoleSessionName="test", WebIdentityToken=token, DurationSeconds=900)
    except ClientError as error:
        return f"{error.response['Error']['Code']}: {error.response['Error']['Message']}"
    keys = answer["Credentials"]
    os.environ.update(AWS_ACCESS_KEY_ID=keys["AccessKeyId"], AWS_SECRET_ACCESS_KEY=keys["SecretAccessKey"], AWS_SESSION_TOKEN=keys["SessionToken"])
    # The default session still has the previous credentials.
    boto3.setup_default_session()
    return {
        "list": attempt(lambda: s3().list_objects_v2(Bucket=bucket)),
        "read": get(bucket, key),
        "write": put(bucket, "federated"),
        "list elsewhere": attempt(lambda: s3().list_objects_v2(Bucket=elsewhere)),
    }


def unpack(archive):
    """Names and contents of the files in an archive."""
    with zipfile.ZipFile(archive) as files:
        return {name: files.read(name).decode() for name in files.namelist()}


COMMANDS = [put, patient, get, rights, notebook, versions, federated, unpack]
print(json.dumps({command.__name__: command for command in COMMANDS}[sys.argv[1]](*sys.argv[2:])))

/** Code that users run in their notebooks. Each prints JSON in its last line. */

/** Writes to the store both ways, computes on the shared cluster, reads the result back. */
export const analysis = (workers: number) => `
import json, os
import boto3, s3fs
import numpy as np
import dask.array as da
from distributed import Client
bucket = os.environ['S3_BUCKET']
s3 = boto3.client('s3')
s3.put_object(Bucket=bucket, Key='numbers', Body=np.arange(1_000_000, dtype='i8').tobytes())
files = s3fs.S3FileSystem()
numbers = np.frombuffer(files.cat(f'{bucket}/numbers'), dtype='i8')
client = Client()
client.wait_for_workers(${workers}, timeout=60)
workers = len(client.scheduler_info(n_workers=-1)['workers'])
total = int(da.from_array(numbers, chunks=50_000).sum().compute())
where = len(set(client.run(lambda: __import__('socket').gethostname()).values()))
with files.open(f'{bucket}/result.json', 'w') as file:
    json.dump({'total': total}, file)
result = json.loads(s3.get_object(Bucket=bucket, Key='result.json')['Body'].read())
kept = 'in the memory of the kernel'
print(json.dumps({**result, 'workers': workers, 'pods': where}))
`;

/** Whether a connection is made: `open`, `refused` by somebody who was reached, or `closed` because nothing came back. */
export const connections = (targets: readonly (readonly [string, number])[]) => `
import json, socket
from concurrent.futures import ThreadPoolExecutor
def connect(target):
    try:
        socket.create_connection(tuple(target), 3).close()
        return 'open'
    except ConnectionRefusedError:
        return 'refused'
    except TimeoutError:
        return 'closed'
    except OSError as error:
        return repr(error)
targets = json.loads(${JSON.stringify(JSON.stringify(targets))})
with ThreadPoolExecutor(16) as pool:
    print(json.dumps(list(pool.map(connect, targets))))
`;

/** What came with the environment, and what the size says. */
export const surroundings = (library: string) => `
import json, os
import ${library}
print(json.dumps([os.environ['CPU_LIMIT'], os.environ['MEM_LIMIT']]))
`;

/** A cluster of the user with two workers. */
export const ownCluster = `
import json
from dask_gateway import Gateway
cluster = Gateway().new_cluster(worker_cores=1, worker_memory=1)
cluster.scale(2)
client = cluster.get_client()
client.wait_for_workers(2, timeout=180)
pods = client.run(lambda: __import__('socket').gethostname())
print(json.dumps({'total': client.submit(sum, range(1000)).result(), 'workers': len(set(pods.values()))}))
`;

export const withoutCluster = `
client.close()
cluster.shutdown()
print(len(Gateway().list_clusters()))
`;

/** The one variable that only a kernel that never ended still has. */
export const remembered = `
import json
print(json.dumps(kept))
`;

/** Long enough that something can happen to a worker: some of the results are held, the others still to come. */
export const longComputation = (seconds: number) => `
import json, time
from distributed import Client, wait
client = Client()
def slow(i):
    time.sleep(0.5)
    return i
first = client.map(lambda i: i * i, range(64), pure=False)
wait(first)
last = client.map(slow, range(${seconds} * 2 * sum(client.nthreads().values())), pure=False)
print(json.dumps([sum(client.gather(last)) == len(last) * (len(last) - 1) // 2, sum(client.gather(first)) == sum(i * i for i in range(64))]))
`;

/**
 * Reads without a pause, and now and then writes; how often each failed, and the longest wait for an answer. A server that ends
 * gives up what it is answering (499, ClientDisconnected), a body may break off, and a server that has just come may not find its
 * users yet: nothing asks again then but the program.
 */
export const reading = (seconds: number) => `
import json, time
import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionError, HTTPClientError, IncompleteReadError
s3 = boto3.client('s3', config=Config(connect_timeout=2, read_timeout=10, retries={'mode': 'standard', 'total_max_attempts': 5}))
done = {'reads': 0, 'badReads': 0, 'writes': 0, 'badWrites': 0, 'again': 0, 'longest': 0, 'errors': []}
def passes(error):
    if isinstance(error, ClientError):
        return error.response['Error']['Code'] in ('ClientDisconnected', 'InvalidAccessKeyId')
    return isinstance(error, (ConnectionError, HTTPClientError, IncompleteReadError))
def answered(work):
    end = time.monotonic() + 60
    while True:
        try:
            return work()
        except Exception as error:
            if not passes(error) or time.monotonic() > end:
                raise
            done['again'] += 1
            time.sleep(0.5)
def once(kind, work):
    start = time.monotonic()
    done[kind + 's'] += 1
    try:
        answered(work)
    except Exception as error:
        done['bad' + kind.title() + 's'] += 1
        done['errors'].append(f'{kind} at {start - begin:.1f} s: {error!r}'[:200])
    done['longest'] = round(max(done['longest'], time.monotonic() - start), 1)
def read():
    body = s3.get_object(Bucket='scratch', Key='numbers')['Body'].read()
    assert len(body) == 8_000_000, len(body)
begin = time.monotonic()
# One that waits long must not be all that was seen.
while time.monotonic() - begin < ${seconds} or done['reads'] < 10 and time.monotonic() - begin < ${seconds} + 40:
    once('read', read)
    if done['reads'] % 4 == 0:
        once('write', lambda: s3.put_object(Bucket='scratch', Key='written', Body=b'x' * 100_000))
    time.sleep(0.2)
done['errors'] = done['errors'][:5]
print(json.dumps(done))
`;

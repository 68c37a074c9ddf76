"""A gRPC server that is not written in Go, for tests: Debian's python3-grpcio. It serves grpc.testing.TestService and, by the older name alone,
reflection. Arguments: the port, and a FileDescriptorSet with both; it says "ready" when it listens."""
import concurrent.futures
import sys
import time

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

files = descriptor_pb2.FileDescriptorSet.FromString(open(sys.argv[2], "rb").read())
pool = descriptor_pool.DescriptorPool()
for f in files.file:
    pool.Add(f)
factory = message_factory.MessageFactory(pool)


def message(name):
    return factory.GetPrototype(pool.FindMessageTypeByName(name))


Testing = "grpc.testing."
Payload = message(Testing + "Payload")
Simple = message(Testing + "SimpleResponse")
Output = message(Testing + "StreamingOutputCallResponse")
Input = message(Testing + "StreamingInputCallResponse")
Reflection = message("grpc.reflection.v1alpha.ServerReflectionResponse")


def unary(request, context):
    metadata = dict(context.invocation_metadata())
    if "x-sleep" in metadata:
        time.sleep(float(metadata["x-sleep"]))
    if request.response_status.code:
        context.abort([c for c in grpc.StatusCode if c.value[0] == request.response_status.code][0], request.response_status.message)
    return Simple(payload=Payload(body=b"\0" * request.response_size), username=metadata.get("x-user", ""))


def parts(request):
    for p in request.response_parameters:
        time.sleep(p.interval_us / 1e6)
        yield Output(payload=Payload(body=b"\0" * p.size))


def output(request, context):
    yield from parts(request)
    if request.response_status.code:
        context.abort(grpc.StatusCode.DATA_LOSS, request.response_status.message)


def duplex(requests, context):
    for request in requests:
        yield from parts(request)


def summed(requests, context):
    return Input(aggregated_payload_size=sum(len(r.payload.body) for r in requests))


def reflect(requests, context):
    for request in requests:
        answer = Reflection()
        name = request.file_by_filename
        try:
            if not name:
                name = pool.FindFileContainingSymbol(request.file_containing_symbol).name
            answer.file_descriptor_response.file_descriptor_proto.append([f for f in files.file if f.name == name][0].SerializeToString())
        except (KeyError, IndexError):
            answer.error_response.error_code = grpc.StatusCode.NOT_FOUND.value[0]
            answer.error_response.error_message = "not found"
        yield answer


def codec(name):
    return message(name).FromString, lambda m: m.SerializeToString()


def handler(make, f, request):
    read, write = codec(request)
    return make(f, request_deserializer=read, response_serializer=write)


server = grpc.server(concurrent.futures.ThreadPoolExecutor(max_workers=8))
server.add_generic_rpc_handlers((
    grpc.method_handlers_generic_handler("grpc.testing.TestService", {
        "UnaryCall": handler(grpc.unary_unary_rpc_method_handler, unary, Testing + "SimpleRequest"),
        "StreamingOutputCall": handler(grpc.unary_stream_rpc_method_handler, output, Testing + "StreamingOutputCallRequest"),
        "FullDuplexCall": handler(grpc.stream_stream_rpc_method_handler, duplex, Testing + "StreamingOutputCallRequest"),
        "StreamingInputCall": handler(grpc.stream_unary_rpc_method_handler, summed, Testing + "StreamingInputCallRequest"),
    }),
    grpc.method_handlers_generic_handler("grpc.reflection.v1alpha.ServerReflection", {
        "ServerReflectionInfo": handler(grpc.stream_stream_rpc_method_handler, reflect, "grpc.reflection.v1alpha.ServerReflectionRequest"),
    }),
))
server.add_insecure_port("127.0.0.1:" + sys.argv[1])
server.start()
print("ready", flush=True)
server.wait_for_termination()

"""A server that is not written in Go, for tests: Debian's python3-websockets. Its only argument is the port; it says "ready" when it listens."""
import asyncio
import json
import sys

import websockets


async def queue(socket, path):
    """Answers questions for the place in the queue, and speaks by itself too."""
    place = 40
    await socket.send(json.dumps({"hello": path, "cookie": socket.request_headers.get("Cookie", ""), "origin": socket.request_headers.get("Origin", "")}))
    async for message in socket:
        if isinstance(message, bytes):
            await socket.send(message[::-1])
            continue
        asked = json.loads(message)
        if "close" in asked:
            await socket.close(asked["close"], asked.get("why", ""))
            return
        if "pings" in asked:  # alive only if each is answered, with what it said
            for _ in range(asked["pings"]):
                await asyncio.wait_for(await socket.ping(), 30)
            await socket.send(json.dumps({"id": asked["id"], "alive": True}))
            continue
        if "large" in asked:
            await socket.send("x" * asked["large"])
            continue
        place -= 1
        await socket.send(json.dumps({"news": place}))  # in between
        await socket.send(json.dumps({"id": asked["id"], "place": place}))


async def main():
    async with websockets.serve(queue, "127.0.0.1", int(sys.argv[1]), subprotocols=["queue.v1"], ping_interval=None):
        print("ready", flush=True)
        await asyncio.Future()


asyncio.run(main())

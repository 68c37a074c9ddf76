"""A waiting room that is not written in Go: Debian's python3-websockets. Its only argument is the port; it says "ready" when it listens.

What lets a visitor in comes only over its socket or its stream of events, and every value is good for the one to whom it was told. GET /count says how
many have come through to the end.
"""
import asyncio
import http
import json
import random
import secrets
import sys
import urllib.parse

import websockets

passes, orders, receipts, seats, done = {}, {}, {}, {}, []


def token():
    """A value that looks drawn at random, whatever is drawn."""
    return "q7Wz3k" + secrets.token_hex(8)


def answer(status, body, kind="application/json"):
    text = body if isinstance(body, str) else json.dumps(body)
    return http.HTTPStatus(status), [("Content-Type", kind), ("Content-Length", str(len(text.encode())))], text.encode()


async def ask(path, headers):
    """Answers what is no socket."""
    url = urllib.parse.urlsplit(path)
    asked = {k: v[0] for k, v in urllib.parse.parse_qs(url.query).items()}
    if url.path in ("/room", "/second"):
        return None
    if url.path == "/":
        return answer(200, "<title>Waiting room</title><h1>Please wait</h1>", "text/html")
    if url.path == "/count":
        return answer(200, str(len(done)), "text/plain")
    if url.path == "/api/seat":  # asked by the page's script as soon as the pass is there
        who = passes.get(asked.get("pass"))
        if not who:
            return answer(403, {"error": "no such pass"})
        seats[who] = token()
        return answer(200, {"seat": seats[who]})
    if url.path == "/buy":
        return answer(200, "<h1>Yours</h1>", "text/html") if asked.get("order") in orders else answer(403, "no such order", "text/plain")
    if url.path == "/news":
        key = token()
        receipts[key] = True
        return answer(200, 'data: {"n":1}\n\nevent: receipt\ndata: {"for":null}\n\nevent: receipt\ndata: {"for":{"key":"%s"}}\n\n' % key, "text/event-stream")
    if url.path == "/receipt" and receipts.pop(asked.get("key"), None):
        done.append(asked["key"])
        return answer(200, "<h1>Thank you</h1>", "text/html")
    return answer(403, "not like this", "text/plain")


async def ticker(socket, prices):
    """Says the price again and again."""
    first = random.randrange(1000, 8000)
    while True:  # never the same twice
        prices.append(first + len(prices))
        await socket.send(json.dumps({"type": "price", "price": prices[-1]}))
        await asyncio.sleep(0.05)


async def room(socket, path):
    session, prices, who = token(), [], token()
    await socket.send(json.dumps({"type": "hello", "session": {"id": session}}))
    tasks = []
    try:
        async for message in socket:
            if message.startswith('42["confirm"'):  # as socket.io frames it
                key = token()
                orders[key] = who
                await socket.send('42["confirmed",{"order":"%s"}]' % key)
                continue
            said = json.loads(message)
            if said["type"] == "join" and said["session"] == session:
                for place in (2, 1):
                    await socket.send(json.dumps({"type": "queue", "place": place, "pass": None}))
                await socket.send(json.dumps({"type": "joined", "id": said["id"]}))
                await asyncio.sleep(0.02)
                ticket = "-".join((token(), token()))
                passes[ticket] = who
                await socket.send(json.dumps({"type": "queue", "place": 0, "pass": ticket}))
                tasks.append(asyncio.create_task(ticker(socket, prices)))
            elif said["type"] == "bid" and said["price"] in prices and said["seat"] == seats.get(who):
                await socket.send(json.dumps({"type": "sold", "id": said["id"]}))
            else:
                await socket.close(4000, "not like this")
    finally:
        for t in tasks:
            t.cancel()


async def main():
    async with websockets.serve(room, "127.0.0.1", int(sys.argv[1]), process_request=ask, ping_interval=None):
        print("ready", flush=True)
        await asyncio.Future()


asyncio.run(main())

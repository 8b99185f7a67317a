"""A chat client on Python's websockets: argv is the room's address with a ticket, and the conversation's id. It says on each line what it was told."""
import asyncio
import json
import sys

import websockets


async def main(address, conversation):
    async with websockets.connect(address) as socket:
        sent = False
        async for text in socket:
            frame = json.loads(text)
            for single in frame["frames"] if frame["type"] == "batch" else [frame]:
                print(json.dumps(single), flush=True)
                if single["type"] == "hello":
                    await socket.send(json.dumps({"type": "subscribe", "channel": f"room.{conversation}"}))
                elif single["type"] == "mark":
                    await socket.send(json.dumps({"type": "received", "mark": single["mark"]}))
                elif single["type"] == "event" and not sent:
                    sent = True
                    reply = {"clientMessageId": "python-1", "text": "Hello from Python, grüß dich 🐍"}
                    await socket.send(json.dumps({"type": "message.send", "id": "1", "message": reply}))
                elif single["type"] == "ack":
                    await socket.ping()
                    return


asyncio.run(main(*sys.argv[1:]))

from __future__ import annotations
import msgspec
class Violation(msgspec.Struct, frozen=True):
    name: str
    message: str
def violations(world):
    out=[]
    if world.stuck: out.append(Violation("restless", world.stuck))
    if not world.drained: out.append(Violation("drained", f"{world.open_work()} rows of work are left"))
    return out

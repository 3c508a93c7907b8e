def keep(item: str, call) -> int:
    call.context["bag"].append(item)
    call.context["last"] = item
    return len(call.context["bag"])


def added(item: str, call) -> list[str]:
    bag = [*call.context["bag"], item]
    bag.sort()
    return bag

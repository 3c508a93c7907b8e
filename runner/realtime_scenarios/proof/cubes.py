"""Many combinations of values as one whole number: a cube holds a bit for each value that each variable may have.

A cube stands for all the combinations of its values, whichever variable takes which: three variables of which each may
have any of four values are twelve bits, not sixty-four combinations. So what nobody looks at costs nothing.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass

Cube = int


@dataclass(frozen=True, slots=True)
class Field:
    """Where the bits of one variable stand; `mask` has all of them."""

    first: int
    size: int

    @property
    def mask(self) -> Cube:
        return ((1 << self.size) - 1) << self.first

    def bit(self, at: int) -> Cube:
        """The cube of the value with this index."""
        return 1 << (self.first + at)

    def bits(self, indexes: Iterable[int]) -> Cube:
        return sum(map(self.bit, indexes))

    def indexes(self, cube: Cube) -> Iterator[int]:
        """The values that the variable may have in the cube."""
        return (at for at in range(self.size) if cube & self.bit(at))


class Layout:
    """The fields of all variables, one behind the other."""

    def __init__(self, sizes: Mapping[Hashable, int]) -> None:
        self._fields: dict[Hashable, Field] = {}
        self._mask_at: list[Cube] = []  # the mask of the field that a bit belongs to
        for name, size in sizes.items():
            field = self._fields[name] = Field(len(self._mask_at), size)
            self._mask_at += [field.mask] * size

    def __contains__(self, name: Hashable) -> bool:
        return name in self._fields

    def __getitem__(self, name: Hashable) -> Field:
        return self._fields[name]

    def mask_of(self, names: Iterable[Hashable]) -> Cube:
        """All the bits of those names that have any."""
        found = 0
        for name in names:
            if name in self._fields:
                found |= self._fields[name].mask
        return found

    def masks_in(self, cube: Cube) -> Iterator[Cube]:
        """The mask of each field that has bits in the cube."""
        while cube:
            mask = self.lowest_mask(cube)
            yield mask
            cube &= ~mask

    def lowest_mask(self, cube: Cube) -> Cube:
        return self._mask_at[(cube & -cube).bit_length() - 1]

    def grown(self, cube: Cube, by: Cube) -> Cube:
        """The cube with all that `by` adds to it in one variable, where the two together are still one cube.

        That is so where the cube lies within `by` in every other variable: nothing comes in that is in neither.
        """
        outside = cube & ~by
        mask = self.lowest_mask(outside)
        return cube | (by & mask) if not outside & ~mask else cube


@dataclass(frozen=True, slots=True)
class Change:
    """What a step makes of values: of each variable those in `stay` may stay, and those in `bits` may come.

    Each variable changes by itself, so that a cube becomes a cube.
    """

    stay: Cube = -1
    bits: Cube = 0

    def of(self, cube: Cube) -> Cube:
        return (cube & self.stay) | self.bits

    def origins(self, cube: Cube, wanted: Cube, layout: Layout) -> Cube:
        """The part of the cube from which the change leads into `wanted`, which has a share in what it leads to."""
        for mask in layout.masks_in(cube):
            if not wanted & self.bits & mask:
                cube &= ~mask | (wanted & self.stay)
        return cube


UNCHANGED = Change()

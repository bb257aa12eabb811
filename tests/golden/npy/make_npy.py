#!/usr/bin/env python3
"""Writes the .npy files of this folder with NumPy: arrays that the reader must take, and ones that it must refuse.

Run with any NumPy from 1.17 on: python3 make_npy.py. The output does not change between runs.
"""
import pathlib

import numpy as np
from numpy.lib import format as npy

HERE = pathlib.Path(__file__).resolve().parent


def save(name, array):
    with open(HERE / name, "wb") as file:
        np.save(file, array)


def save_version(name, array, version):
    with open(HERE / name, "wb") as file:
        npy.write_array(file, array, version=version)


# Values that any reader must carry bit for bit: both zeros, subnormals, the largest finite value, infinities, a quiet NaN.
half = np.array([0x0000, 0x8000, 0x0001, 0x83FF, 0x3C00, 0x3555, 0x7BFF, 0x7C00, 0xFC00, 0x7E00], dtype="<u2").view("<f2")
save("accept_f2.npy", half.reshape(2, 5))
save("accept_f4.npy", np.arange(24, dtype="<f4").reshape(2, 3, 4) / 7)
save("accept_f8.npy", np.array([np.pi, -0.0, 5e-324, np.finfo("f8").max, np.inf, -np.inf, np.nan]))
save("accept_i4.npy", np.array([-(2**31), -1, 0, 2**31 - 1], dtype="<i4"))
save("accept_scalar.npy", np.array(1.5, dtype="<f4"))
save("accept_empty.npy", np.zeros((3, 0, 5), dtype="<f4"))
save("accept_rank8.npy", np.arange(4, dtype="<f4").reshape(1, 2, 1, 1, 2, 1, 1, 1))
save_version("accept_version2.npy", np.arange(6, dtype="<f8").reshape(2, 3), (2, 0))
save_version("accept_version3.npy", np.arange(6, dtype="<f8").reshape(2, 3), (3, 0))

save("refuse_big_endian.npy", np.arange(3, dtype=">f4"))
save("refuse_fortran.npy", np.asfortranarray(np.arange(6, dtype="<f4").reshape(2, 3)))
save("refuse_object.npy", np.array([1, "two", None], dtype=object))
save("refuse_structured.npy", np.zeros(2, dtype=[("x", "<f4"), ("y", "<i4")]))
save("refuse_structured_unicode.npy", np.zeros(2, dtype=[("größe", "<f4"), ("長さ", "<i4")]))
save("refuse_bool.npy", np.array([True, False]))
save("refuse_int64.npy", np.arange(3, dtype="<i8"))
save("refuse_complex.npy", np.zeros(2, dtype="<c8"))
save("refuse_string.npy", np.array(["a", "bc"]))
save("refuse_rank9.npy", np.zeros((1,) * 9, dtype="<f4"))

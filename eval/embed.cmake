# SPDX-License-Identifier: Apache-2.0
# cmake -DINPUT=file -DOUTPUT=file.c -DNAME=symbol -P embed.cmake
# writes a C array with the bytes of a file and a zero byte behind them.
file(READ ${INPUT} bytes HEX)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
string(REGEX REPLACE
    "(............................................................)" "\\1\n"
    bytes "${bytes}")
file(WRITE ${OUTPUT}
    "extern const unsigned char ${NAME}[];\nconst unsigned char ${NAME}[] = {\n${bytes}0};\n")

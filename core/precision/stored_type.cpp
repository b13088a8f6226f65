#include "core/precision/stored_type.h"

#include "core/quantity/nearest.h"

#include <array>
#include <limits>

namespace weighbridge {

namespace {

struct GgmlType
{
    std::uint32_t number;
    StoredType type;
};

/// llama.cpp ggml.h (numbers) and ggml-common.h (block sizes); 4, 5, 31 to 33 and 36 to 38 were taken back.
/// From 133 on ik_llama.cpp's; some of them have a few bytes more a row, which are not counted.
constexpr std::array<GgmlType, 51> ggml_types = {{
    {0, {"F32", 1, 4}},          {1, {"F16", 1, 2}},          {2, {"Q4_0", 32, 18}},       {3, {"Q4_1", 32, 20}},
    {6, {"Q5_0", 32, 22}},       {7, {"Q5_1", 32, 24}},       {8, {"Q8_0", 32, 34}},       {9, {"Q8_1", 32, 36}},
    {10, {"Q2_K", 256, 84}},     {11, {"Q3_K", 256, 110}},    {12, {"Q4_K", 256, 144}},    {13, {"Q5_K", 256, 176}},
    {14, {"Q6_K", 256, 210}},    {15, {"Q8_K", 256, 292}},    {16, {"IQ2_XXS", 256, 66}},  {17, {"IQ2_XS", 256, 74}},
    {18, {"IQ3_XXS", 256, 98}},  {19, {"IQ1_S", 256, 50}},    {20, {"IQ4_NL", 32, 18}},    {21, {"IQ3_S", 256, 110}},
    {22, {"IQ2_S", 256, 82}},    {23, {"IQ4_XS", 256, 136}},  {24, {"I8", 1, 1}},          {25, {"I16", 1, 2}},
    {26, {"I32", 1, 4}},         {27, {"I64", 1, 8}},         {28, {"F64", 1, 8}},         {29, {"IQ1_M", 256, 56}},
    {30, {"BF16", 1, 2}},        {34, {"TQ1_0", 256, 54}},    {35, {"TQ2_0", 256, 66}},    {39, {"MXFP4", 32, 17}},
    {40, {"NVFP4", 64, 36}},     {41, {"Q1_0", 128, 18}},     {42, {"Q2_0", 64, 18}},      {133, {"Q6_0", 32, 26}},
    {137, {"IQ2_K", 256, 76}},   {138, {"IQ3_K", 256, 110}},  {139, {"IQ4_K", 256, 144}},  {140, {"IQ5_K", 256, 176}},
    {141, {"IQ6_K", 256, 212}},  {144, {"IQ4_KS", 256, 136}}, {145, {"IQ2_KS", 256, 70}},  {146, {"IQ4_KSS", 256, 128}},
    {152, {"IQ5_KS", 256, 168}}, {153, {"IQ2_KT", 256, 68}},  {154, {"IQ3_KT", 256, 100}}, {155, {"IQ4_KT", 256, 128}},
    {156, {"IQ3_KS", 256, 102}}, {157, {"IQ2_KL", 256, 86}},  {158, {"IQ1_KT", 256, 56}},
}};

/// The names that the safetensors format knows; those below a byte are packed without gaps.
constexpr std::array<StoredType, 22> safetensors_types = {{
    {"BOOL", 1, 1},    {"U8", 1, 1},          {"I8", 1, 1},          {"F8_E5M2", 1, 1}, {"F8_E4M3", 1, 1},
    {"F8_E8M0", 1, 1}, {"F8_E4M3FNUZ", 1, 1}, {"F8_E5M2FNUZ", 1, 1}, {"I16", 1, 2},     {"U16", 1, 2},
    {"F16", 1, 2},     {"BF16", 1, 2},        {"I32", 1, 4},         {"U32", 1, 4},     {"F32", 1, 4},
    {"I64", 1, 8},     {"U64", 1, 8},         {"F64", 1, 8},         {"C64", 1, 8},     {"F4", 2, 1},
    {"F6_E2M3", 4, 3}, {"F6_E3M2", 4, 3},
}};

} // namespace

const StoredType* ggml_type(std::uint32_t number)
{
    for (const GgmlType& known : ggml_types)
        if (known.number == number)
            return &known.type;
    return nullptr;
}

const StoredType* ggml_type(std::string_view name)
{
    for (const GgmlType& known : ggml_types)
        if (equal_ignoring_case(known.type.name, name))
            return &known.type;
    return nullptr;
}

const StoredType* safetensors_type(std::string_view name)
{
    for (const StoredType& known : safetensors_types)
        if (known.name == name)
            return &known;
    return nullptr;
}

std::optional<std::int64_t> bytes_stored(const StoredType& type, std::int64_t elements)
{
    if (elements < 0 || elements % type.block != 0)
        return std::nullopt;
    const std::int64_t blocks = elements / type.block;
    if (blocks > std::numeric_limits<std::int64_t>::max() / type.bytes)
        return std::nullopt;
    return blocks * type.bytes;
}

} // namespace weighbridge

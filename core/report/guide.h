#pragma once

#include "core/precision/format.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// What one number is, without any scale: the bits that it has and the values that they reach.
struct ElementType
{
    enum class Kind
    {
        floating,
        integer, ///< two's complement
        scale,   ///< exponents alone: a power of two
        table,   ///< a value for each pattern of bits
    };

    /// What the patterns with all exponent bits set mean.
    enum class Specials
    {
        infinities, ///< IEEE 754: infinities and NaNs, no numbers
        one_nan,    ///< numbers but for one pattern per sign (E4M3, E8M0)
        none,       ///< numbers
    };

    std::string id; ///< "e4m3"
    std::string name;
    Kind kind = Kind::floating;
    Specials specials = Specials::none;
    int sign = 0;     ///< bits
    int exponent = 0; ///< bits
    int mantissa = 0; ///< bits, the leading one left out; of integers all but the sign
    int bias = 0;
    std::optional<ComputeType> compute; ///< the arithmetic of tensor cores that takes it as it is
    int table_bits = 0;                 ///< of tables
    double table_largest = 0;
    double table_smallest = 0;
    std::string use;
    std::string source;

    int bits() const { return kind == Kind::table ? table_bits : sign + exponent + mantissa; }
    /// The largest finite value: of floating types worked out from the bits.
    double largest() const;
    /// The smallest above zero, subnormal ones included.
    double smallest() const;
    /// "1 / 8 / 7"; "sign and 7" of integers; "16 values" of tables.
    std::string layout() const;
};

/// What is known of a format beside its bits: read from resources/precision.
struct FormatFacts
{
    std::string element;              ///< an id of element_types(), or words where the type has no row there
    std::string group;                ///< what shares a scale: "128", "output channel"
    std::string scale;                ///< how it is stored: "fp16, 4-bit zero"
    std::vector<std::string> engines; ///< by id, that run weights or keep a cache in it
    std::string use;
    std::string source;
};

/// A format of number_formats() with its facts.
struct GuidedFormat
{
    const NumberFormat* format = nullptr;
    FormatFacts facts;
};

/// The number formats that elements of the program's formats are, from wide to narrow.
std::vector<ElementType> element_types();

/// Every format of number_formats(), in its order.
std::vector<GuidedFormat> precision_guide();

/// The generations of accelerators whose tensor cores compute with that type, in the catalogue's order: those with a
/// peak of that type that has a source.
std::vector<std::string> generations_with(ComputeType type);

} // namespace weighbridge

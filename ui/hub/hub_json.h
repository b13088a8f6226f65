#pragma once

#include <QByteArray>

namespace weighbridge {

/// What a body looks like from outside. Tokens are not checked: the importer in core does that, and `NaN` and
/// `Infinity`, which Python writes into config.json, are fine here.
enum class JsonShape
{
    Object,
    OtherJson,  ///< a list, a string, a number, true, false or null
    Unfinished, ///< begins as an object or list whose brackets or quotes don't close
    NotJson,    ///< empty, a web page, anything else
};

/// One pass without recursion, so that no depth of nesting overflows anything. A byte order mark and white space around
/// the value are skipped.
[[nodiscard]] JsonShape jsonShape(const QByteArray& bytes);

[[nodiscard]] inline bool looksLikeJsonObject(const QByteArray& bytes)
{
    return jsonShape(bytes) == JsonShape::Object;
}

} // namespace weighbridge

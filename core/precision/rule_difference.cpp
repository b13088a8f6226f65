#include "core/precision/rule_difference.h"

#include "core/quantity/display.h"

namespace weighbridge {

std::string compared_with_rule(Bytes file, Bytes rule)
{
    std::string text = "the rule makes " + in_fitting_unit(rule, ByteUnit::gib);
    const Bytes apart = rule < file ? file - rule : rule - file;
    if (apart.count != 0)
        text += ", " + in_fitting_unit(apart, ByteUnit::gib) + (rule < file ? " less" : " more");
    return text;
}

} // namespace weighbridge

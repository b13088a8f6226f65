#include "core/accuracy/measured_run.h"

namespace weighbridge {

std::string joined_setup(std::initializer_list<std::string> parts)
{
    std::string text;
    for (const std::string& part : parts) {
        if (part.empty())
            continue;
        text += (text.empty() ? "" : " · ") + part;
    }
    return text;
}

} // namespace weighbridge

#include "core/model/tensor.h"

#include <array>
#include <utility>

namespace weighbridge {

Merged merged_into(std::string_view name)
{
    static constexpr std::array<std::pair<std::string_view, Merged>, 7> projections = {
        {{"q_proj", Merged::qkv},
         {"k_proj", Merged::qkv},
         {"v_proj", Merged::qkv},
         {"gate_proj", Merged::gate_up},
         {"up_proj", Merged::gate_up},
         {"q_a_proj", Merged::latent_down},
         {"kv_a_proj_with_mqa", Merged::latent_down}}};
    const std::size_t kind = name.rfind('.'); // of ".weight" or ".bias"
    if (kind == std::string_view::npos)
        return Merged::none;
    name = name.substr(0, kind);
    name = name.substr(name.rfind('.') + 1); // npos + 1 is the whole of it
    for (const auto& [projection, merged] : projections)
        if (name == projection)
            return merged;
    return Merged::none;
}

} // namespace weighbridge

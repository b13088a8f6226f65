#pragma once

#include "app/cli/environment.h"

#include <string>

namespace weighbridge {

/// Fetches a model from the Hugging Face Hub (its config.json and the headers of its weights) and waits for it.
/// HF_ENDPOINT, HF_TOKEN and the standard token file count; the copy that an earlier fetch left on disk stands in when
/// there is no network, with a note that says so. Needs no display.
Result<HubModel> fetch_from_hub(const std::string& reference);

} // namespace weighbridge

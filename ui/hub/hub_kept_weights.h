#pragma once

#include "core/sources/fetched_model.h"

#include <optional>
#include <QByteArray>
#include <vector>

namespace weighbridge {

/// Headers of weights files as one block of bytes, to be kept on disk.
[[nodiscard]] QByteArray packHeaders(const std::vector<FetchedFile>& files);

/// The same back; nothing where it is no such block, or one of another version.
[[nodiscard]] std::optional<std::vector<FetchedFile>> unpackHeaders(const QByteArray& bytes);

} // namespace weighbridge

#pragma once

namespace weighbridge {

/// Teaches Qt's accessibility to describe PartsWidget and its parts. Cheap to call again.
void installAccessibleParts();

} // namespace weighbridge

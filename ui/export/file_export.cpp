#include "ui/export/file_export.h"

#include "core/files/files.h"

namespace weighbridge {

Outcome exportText(const QByteArray& bytes, const QString& path)
{
    return write_file(path.toStdString(), {bytes.constData(), static_cast<std::size_t>(bytes.size())},
                      WriteInto::files);
}

} // namespace weighbridge

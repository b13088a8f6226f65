#include "ui/export/file_export.h"

#include <QCoreApplication>
#include <QDir>
#include <QSaveFile>

namespace weighbridge {

namespace {

struct FileExport
{
    Q_DECLARE_TR_FUNCTIONS(FileExport)
};

/// A full disk takes a part and reports no error; only writing the rest tells the reason.
bool writeAll(QSaveFile& file, const QByteArray& bytes)
{
    qint64 written = 0;
    while (written < bytes.size()) {
        const qint64 more = file.write(bytes.constData() + written, bytes.size() - written);
        if (more <= 0)
            return false;
        written += more;
    }
    return true;
}

} // namespace

Outcome exportText(const QByteArray& bytes, const QString& path)
{
    QSaveFile file(path);
    file.setDirectWriteFallback(false);
    const bool written = file.open(QIODevice::WriteOnly) && writeAll(file, bytes) && file.commit();
    if (written)
        return std::nullopt;
    const QString shown = QDir::toNativeSeparators(path);
    return Error{path.toStdString(),
                 FileExport::tr("%1 was not written: %2").arg(shown, file.errorString()).toStdString()};
}

} // namespace weighbridge

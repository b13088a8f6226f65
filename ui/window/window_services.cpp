#include "ui/window/window_services.h"

#include "ui/settings/settings_file.h"

#include <QFileDialog>

namespace weighbridge {

namespace {

void askByDialog(QWidget* parent, const PathQuestion& question, const std::function<void(const QString&)>& answer)
{
    auto* dialog = new QFileDialog(parent, question.title, QString(), question.filter);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    switch (question.kind) {
    case PathQuestion::Kind::openFile:
        dialog->setFileMode(QFileDialog::ExistingFile);
        break;
    case PathQuestion::Kind::openFolder:
        dialog->setFileMode(QFileDialog::Directory);
        dialog->setOption(QFileDialog::ShowDirsOnly);
        break;
    case PathQuestion::Kind::saveFile:
        dialog->setAcceptMode(QFileDialog::AcceptSave);
        dialog->setFileMode(QFileDialog::AnyFile);
        dialog->setDefaultSuffix(question.suggested.section(QLatin1Char('.'), -1));
        dialog->selectFile(question.suggested);
        break;
    }
    QObject::connect(dialog, &QFileDialog::fileSelected, parent, answer);
    dialog->open();
}

} // namespace

WindowServices WindowServices::standard()
{
    return {SettingsFile::standardPath(), HubAccess::standard(), askByDialog};
}

} // namespace weighbridge

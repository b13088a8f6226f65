#pragma once

#include "core/launch/write_launch.h"
#include "ui/views/page.h"

#include <optional>

class QComboBox;
class QLabel;
class QPlainTextEdit;
class QPushButton;

namespace weighbridge {

class TableSheet;

/// What to start the scenario with: the command or file of its engine or framework, and why each flag is there.
class LaunchPage : public Page
{
    Q_OBJECT

public:
    explicit LaunchPage(QWidget* parent = nullptr);

    void display(const ViewState& state) override;
    std::vector<Table> tables() const override;
    std::optional<WantedFile> file(const QString& ending) const override;

protected:
    void style() override;

private:
    QWidget* buildTools();
    /// The ways in which the tool is started: a shell's command always, containers where it has an image.
    void fillWays(const QString& tool);
    void write();
    void fitText();

    EstimatePointer estimate_;
    QString tool_;
    std::optional<WrittenLaunch> launch_; ///< nothing where the tool has no command
    bool stale_ = false;
    QComboBox* way_ = nullptr;
    QPushButton* copy_ = nullptr;
    QLabel* words_ = nullptr;
    QPlainTextEdit* text_ = nullptr;
    TableSheet* table_ = nullptr;
    QLabel* note_ = nullptr;
};

} // namespace weighbridge

#pragma once

#include "ui/views/page.h"

class QLabel;

namespace weighbridge {

class TableSheet;

/// The third tab: the network from input to output, as a person scrolls through it.
class LayersPage : public Page
{
    Q_OBJECT

public:
    explicit LayersPage(QWidget* parent = nullptr);

    void display(const ViewState& state) override;
    std::vector<Table> tables() const override;
    std::optional<WantedFile> file(const QString& ending) const override;

protected:
    void style() override;

private:
    void describe(const Estimate& estimate);

    EstimatePointer estimate_;
    ByteUnit unit_ = ByteUnit::gib;
    TableSheet* table_ = nullptr;
    QLabel* note_ = nullptr;
    bool stale_ = false;
};

} // namespace weighbridge

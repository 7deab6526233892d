import OpsCore
import Yams
